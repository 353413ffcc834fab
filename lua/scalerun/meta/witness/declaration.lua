---@meta _
-- Made from lua/scalerun/witness/declaration.lua by scripts/annotations: change it there.

---@class scale.WitnessKey: string[] "database", "cache", "target", "balancer"; all that can be reached unless named
---@field rate number? looks a second at each of them, above 0 and up to 50: 2
---@field application string? a pattern of LIKE for the target's connections to PostgreSQL: "scalerun-target/%"
