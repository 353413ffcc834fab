--- Judges a stored run again, without any target.
local errors = require "scalerun.errors"
local loader = require "scalerun.loader"
local profiles = require "scalerun.profiles"
local run_scenario = require "scalerun.run.scenario"
local verdict = require "scalerun.judge.verdict"

local judge = {}

--- What a run's end has that judging it again does not find out: for the file.
---@param result table what run.execute returned
---@return table
function judge.ending(result)
  return {
    errors = result.errors,
    signal = result.signal,
    unreachable = result.unreachable,
    duration = result.duration,
    target = result.target_text,
  }
end

-- Scripts by the paths that they had in the run, and those that take their place by id.
local function scripts_of(stored, folder, replacements)
  local by_path, by_id = {}, {}
  for _, script in ipairs(stored.ending.scripts) do
    by_path[script.path] = ("%s/%s"):format(folder, script.stored)
  end
  for _, path in ipairs(replacements) do
    local scenario = loader.load(path)
    if not scenario.id then
      error(errors.new { kind = "script", operation = "judge", message = path .. " declares no scenario" }, 0)
    end
    by_id[scenario.id] = { path = path, scenario = scenario }
  end
  return function(given)
    if by_id[given.id] then
      return by_id[given.id]
    end
    local path = by_path[given.path]
    return { path = path, scenario = loader.load(path) }
  end
end

local function judge_one(given, script_of, env)
  if given.fixed then
    return given.row
  end
  return run_scenario.judge_again(script_of(given), given, env)
end

--- Judges every scenario, and tells each row.
---@param stored scalerun.StoredRun
---@param folder string where it was read from
---@param options { scripts: string[], control: scalerun.Control, progress: scalerun.Progress,
---  row: fun(row: scalerun.Row) }
---@return table result as run.execute returns it
function judge.run(stored, folder, options)
  profiles.choose(stored.run.profile)
  local script_of = scripts_of(stored, folder, options.scripts)
  local ending = stored.ending
  local result = {
    projects = stored.run.projects,
    seed = stored.run.seed,
    scenarios = {},
    errors = ending.errors,
    signal = ending.signal,
    unreachable = ending.unreachable,
    duration = ending.duration,
    script_failed = #ending.errors > 0,
  }
  local verdicts = {}
  for index, given in ipairs(stored.scenarios) do
    local row = judge_one(given, script_of, {
      control = options.control,
      progress = options.progress,
      settings = stored.run.settings,
      profile = stored.run.profile,
      seed = stored.run.seed,
      sandbox = stored.run.sandbox,
    })
    result.scenarios[index], verdicts[index] = row, row.verdict
    result.script_failed = result.script_failed or #row.errors > 0
    options.row(row)
  end
  result.verdict = verdict.worst(verdicts)
  return result
end

return judge
