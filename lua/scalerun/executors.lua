--- The shapes of load that a scenario can ask for, and what each takes. How they run is the host's matter;
--- a new executor is one entry here and one there.
---@class scalerun.Executor
---@field options table<string, string> name → type, as options.check takes it
---@field required string[]
---@field defaults table<string, any>

---@type table<string, scalerun.Executor>
local executors = {
  -- Every project runs so many iterations; its users share them, whoever is free takes the next.
  ["per-project-iterations"] = {
    options = { users = "integer", iterations = "integer", start = "string" },
    required = { "iterations" },
    defaults = { users = 1, start = "together" },
  },
  -- Every project keeps its users iterating until the duration is over.
  ["constant-projects"] = {
    options = { users = "integer", duration = "number|string", start = "string" },
    required = { "duration" },
    defaults = { users = 1, start = "together" },
  },
}

return executors
