--- The key `witness` of a scenario, checked when its file loads.
local declaration = require "scalerun.declaration"

local witness_declaration = {}

--- Who can be asked, in the order in which they are shown.
witness_declaration.SOURCES = { "database", "cache", "target", "balancer" }

local RATE, RATE_MAX = 2, 50 -- looks a second

---@class scale.WitnessKey: string[] "database", "cache", "target", "balancer"; all that can be reached unless named
---@field rate number? looks a second at each of them, above 0 and up to 50: 2
---@field application string? a pattern of LIKE for the target's connections to PostgreSQL: "scalerun-target/%"

--- @param where string
---@param given scale.WitnessKey|boolean|nil false: nobody looks
---@return { rate: number, sources: string[], named: boolean, application: string? }? nil when nobody looks
function witness_declaration.read(where, given)
  if given == false then
    return nil
  elseif given == nil or given == true then
    given = {}
  end
  local options, sources = {}, {}
  for key, value in pairs(given) do
    if math.type(key) == "integer" then
      sources[key] = value
    else
      options[key] = value
    end
  end
  declaration.check(where .. ": witness", options, { rate = "number", application = "string" })
  declaration.check_list(where, "witness", sources, witness_declaration.SOURCES)
  local rate = options.rate or RATE
  if not (rate > 0 and rate <= RATE_MAX) then
    declaration.refuse("rate", nil, "%s: witness: rate must be above 0 and at most %d a second, not %s", where,
      RATE_MAX, rate)
  end
  return {
    rate = rate,
    sources = #sources > 0 and sources or witness_declaration.SOURCES,
    named = #sources > 0,
    application = options.application,
  }
end

return witness_declaration
