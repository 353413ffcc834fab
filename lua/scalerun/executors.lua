--- The shapes of load that a scenario can ask for, and what each takes. How they run is the host's matter;
--- a new executor is one entry here and one there.
---@class scalerun.Executor
---@field options table<string, string> name → type, as options.check takes it
---@field required string[]
---@field defaults table<string, any>

-- What all of them take.
local common = { users = "integer", start = "string", warmup = "number|string", max_late = "number|string" }

-- Closed models: users who iterate at their own pace.
local pace = { pacing = "number|string", think = "number|string|table" }

local function closed(required, own)
  local taken = {}
  for _, set in ipairs { common, pace, own } do
    for name, kind in pairs(set) do
      taken[name] = kind
    end
  end
  return { options = taken, required = required, defaults = { users = 1, start = "together" } }
end

-- Iterations that are under way at once in a project, unless a load says more.
local OPEN_USERS = 50

-- Open models: iterations arrive, whoever is free.
local function open(required, own)
  local taken = { shared = "boolean" }
  for _, set in ipairs { common, own } do
    for name, kind in pairs(set) do
      taken[name] = kind
    end
  end
  return { options = taken, required = required, defaults = { users = OPEN_USERS, start = "together" } }
end

---@type table<string, scalerun.Executor>
local executors = {
  -- Every project runs so many iterations; its users share them, whoever is free takes the next.
  ["per-project-iterations"] = closed({ "iterations" }, { iterations = "integer" }),
  -- All projects together run so many.
  ["shared-iterations"] = closed({ "iterations" }, { iterations = "integer" }),
  -- Every project keeps its users iterating until the duration is over.
  ["constant-projects"] = closed({ "duration" }, { duration = "number|string" }),
  -- In every project so many iterations a second begin, or with shared in all together, however long they take.
  ["constant-arrival-rate"] = open({ "rate", "duration" }, { rate = "number", duration = "number|string" }),
  -- The same at a rate that goes from stage to stage.
  ["ramping-arrival-rate"] = open({ "stages" }, { rate = "number", stages = "table" }),
}

return executors
