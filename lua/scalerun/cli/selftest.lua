--- scalerun selftest: whether the scenarios find what they are meant to find, and nothing else. Each run is a process
--- of its own on a sandbox of its own, as a user's would be.
local build = require "scalerun.core.build"
local errors = require "scalerun.errors"
local faults = require "scalerun.cli.faults"
local fs = require "scalerun.fs"
local json = require "scalerun.json"
local loader = require "scalerun.loader"
local matrix = require "scalerun.selftest.matrix"
local paths = require "scalerun.cli.paths"
local plan = require "scalerun.selftest.plan"
local process = require "scalerun.process"
local status = require "scalerun.cli.status"

local command = {}

local DEFAULT = "scripts/scenarios"
local TIME = "1h" -- for one run

local function say(fmt, ...)
  io.stdout:write(fmt:format(...), "\n")
  io.stdout:flush()
end

-- The scenarios of the files, with what they are meant to find.
local function declared(files)
  local list = {}
  for _, path in ipairs(files) do
    local ok, loaded = pcall(loader.load, path)
    if not ok then
      return nil, errors.describe(loaded).message
    elseif loaded.id and not loaded.plain then
      list[#list + 1] = { id = loaded.id, path = path, catches = loaded.catches or {} }
    end
  end
  if #list == 0 then
    return nil, "there is no scenario among the scripts"
  end
  return list
end

-- The faults to try: those that are named, else all.
local function chosen(known, named)
  local list = {}
  for _, name in ipairs(named) do
    local problem = faults.problem(name, known)
    if problem then
      return nil, problem
    end
    list[#list + 1] = name
  end
  for _, fault in ipairs(#named == 0 and known or {}) do
    list[#list + 1] = fault.name
  end
  return list
end

local function ids_of(scenarios)
  local ids = {}
  for index, scenario in ipairs(scenarios) do
    ids[index] = scenario.id
  end
  return ids
end

-- The report of the one run in the folder.
local function report_in(folder)
  local names = fs.exists(folder) and fs.list(folder) or {}
  local path = names[1] and ("%s/%s/report.json"):format(folder, names[1])
  return path and fs.exists(path) and json.decode(fs.read(path)) or nil
end

local function verdicts_of(report)
  local verdicts = {}
  for _, row in ipairs(report and report.scenarios or {}) do
    verdicts[row.id] = #row.errors > 0 and "error" or row.verdict
  end
  return verdicts
end

-- Runs the scenarios under the fault. What they said, and why the run did not come to an end, if it did not.
local function try(one, parsed, folder)
  local argv = { build.executable, "run", "--quiet", "--no-color", "--profile", parsed.profile, "--seed", parsed.seed,
    "--projects", table.concat(parsed.projects, ","), "--report", folder, timeout = TIME }
  if one.fault then
    table.move({ "--fault", one.fault }, 1, 2, #argv + 1, argv)
  end
  for _, scenario in ipairs(one.scenarios) do
    argv[#argv + 1] = scenario.path
  end
  local ended = process.run(argv)
  local report = report_in(folder)
  if ended.status == status.SCRIPT or ended.status == status.UNREACHABLE or not ended.status or not report then
    return verdicts_of(report), ended.stderr:match("([^\n]*)\n?$") or "it ended without a word"
  end
  return verdicts_of(report)
end

local function widest(runs)
  local width = #"none"
  for _, one in ipairs(runs) do
    width = math.max(width, one.fault and #one.fault or 0)
  end
  return width + 1
end

local function run_all(made, scenarios, parsed, keep)
  local found, ids, width = matrix.new(made.meant), ids_of(scenarios), widest(made.runs)
  say("%s", matrix.head(ids, width))
  for index, one in ipairs(made.runs) do
    local folder = ("%s/%d-%s"):format(keep, index, one.fault or "none")
    local verdicts, problem = try(one, parsed, folder)
    found:add(one.fault, verdicts, ids_of(one.scenarios), problem)
    say("%s", found:line(one.fault, verdicts, ids, width))
  end
  return found
end

local exits = { pass = status.PASS, fail = status.FAIL, inconclusive = status.INCONCLUSIVE }

--- @param parsed table what cli.options made of the command line
---@param usage fun(problem: string): integer tells what is wrong with the command line
---@return integer exit_status
function command.run(parsed, usage)
  local files, problem = paths.expand(#parsed.scripts > 0 and parsed.scripts or { DEFAULT }, fs)
  if not files then
    return usage(problem)
  end
  local known = faults.known()
  if not known then
    return usage("selftest: there is no scalerun-target, whose faults it would try")
  end
  local wanted, scenarios, made
  wanted, problem = chosen(known, parsed.fault)
  if not wanted then
    return usage(problem)
  end
  scenarios, problem = declared(files)
  if scenarios then
    made, problem = plan.make(scenarios, wanted, known, parsed)
  end
  if not made then
    io.stderr:write(("scalerun: %s\n"):format(problem))
    return status.SCRIPT
  end
  say("scalerun %s · self-test of %d scenarios in %d runs · profile %s\n", build.version, #scenarios, #made.runs,
    parsed.profile)
  local keep = parsed.report or fs.mkdtemp("scalerun-selftest-")
  local ok, found = pcall(run_all, made, scenarios, parsed, keep)
  if not parsed.report then
    fs.remove(keep)
  end
  if not ok then
    error(found, 0)
  end
  local verdict, text = found:verdict(made.unmeant)
  say("\n%s\n\n%s · %s", matrix.LEGEND, verdict, text)
  return exits[verdict]
end

return command
