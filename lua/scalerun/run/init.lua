--- One run: its scripts, its system under test, its result.
local build = require "scalerun.core.build"
local deployment = require "scalerun.run.deployment"
local errors = require "scalerun.errors"
local loader = require "scalerun.loader"
local profiles = require "scalerun.profiles"
local redact = require "scalerun.redact"
local run_scenario = require "scalerun.run.scenario"
local time = require "scalerun.core.time"
local verdict = require "scalerun.judge.verdict"

local run = {}

---@class scalerun.RunOptions
---@field paths string[] script files, absolute
---@field projects string[]
---@field seed integer
---@field settings table<string, string>
---@field threads integer?
---@field target string?
---@field keys table<string, string>?
---@field database string?
---@field redis string?
---@field balancer string? URL of its statistics
---@field replica_urls string[]?
---@field replicas integer? of a sandbox's target, whatever scenarios ask
---@field profile string
---@field fault string?

---@class scalerun.Output what the run tells while it runs
---@field progress scalerun.Progress
---@field header fun(target: string)
---@field row fun(row: scalerun.Row)
---@field script_error fun(err: table)
---@field secrets scalerun.Secrets what must not be told
---@field store scalerun.StoredWriter? takes down what the run is judged by

local function load_all(paths, result, output)
  local scripts, taken = {}, {}
  for _, path in ipairs(paths) do
    local ok, loaded = pcall(loader.load, path)
    if ok and loaded.id and taken[loaded.id] then
      ok, loaded = false, {
        kind = "script",
        message = ("%s: scenario %s is in %s already"):format(path, loaded.id, taken[loaded.id]),
      }
    end
    if not ok then
      local err = errors.describe(loaded)
      err.path = path
      table.insert(result.errors, err)
      output.script_error(err)
    elseif loaded.plain then
      scripts[#scripts + 1] = { path = path, chunk = loaded.chunk or function() end }
    else
      taken[loaded.id] = path
      scripts[#scripts + 1] = { path = path, scenario = loaded }
    end
  end
  return scripts
end

-- How many replicas of a sandbox's target scenarios ask for: "1", "1…3".
local function replica_counts(scripts, told)
  local least, most = math.huge, 0
  for _, script in ipairs(scripts) do
    local count = script.scenario and (told or script.scenario.sandbox.replicas or 1)
    if count then
      least, most = math.min(least, count), math.max(most, count)
    end
  end
  return least < most and ("%d…%d"):format(least, most) or tostring(most)
end

local Run = {}
Run.__index = Run

-- Whether the run looks at what somebody else has started.
local function is_existing(options)
  return options.target or options.database or options.redis
end

-- The deployment, set up as the scenario asks: with these settings, and defaults for the rest, so that no scenario
-- depends on which one was before. Only replicas that differ are started anew.
function Run:deployment_for(scenario)
  local settings = {}
  for name, value in pairs(scenario.sandbox) do
    settings[name] = value
  end
  settings.replicas = self.options.replicas or settings.replicas
  if not self.deployment and is_existing(self.options) then
    self.deployment = deployment.existing(self.options)
  elseif not self.deployment then
    self.output.progress:update("starting the sandbox")
    self.deployment = deployment.sandbox {
      projects = self.options.projects,
      seed = self.options.seed,
      fault = self.options.fault,
      settings = settings,
    }
  else
    self.deployment:configure(settings)
  end
  self.output.secrets:add(self.deployment:secrets())
  if not self.result.target.kind then
    self.deployment.replica_counts = replica_counts(self.scripts, self.options.replicas)
    self.result.target = self.deployment:describe()
    self.output.header(self.deployment:text())
  end
  return self.deployment
end

function Run:close()
  if self.deployment then
    self.output.progress:update("closing")
    self.deployment:close()
    self.deployment = nil
  end
end

function Run:plain(script)
  local outcome, err = self.control:call(math.huge, script.chunk, script.path)
  if outcome == "failed" then
    local described = errors.describe(err)
    described.path = script.path
    if described.operation then
      described.message = ("%s: %s"):format(described.operation, described.message)
    end
    table.insert(self.result.errors, described)
    self.output.script_error(described)
  end
end

local function not_run(script, why)
  local scenario = script.scenario
  return {
    id = scenario.id,
    title = scenario.title,
    path = script.path,
    covers = scenario.covers,
    verdict = verdict.INCONCLUSIVE,
    duration = 0,
    checks = { { name = "the scenario runs", verdict = verdict.INCONCLUSIVE, observed = why, evidence = {} } },
    errors = {},
    projects = {},
    phases = {},
  }
end

function Run:scenario(index)
  local script = self.scripts[index]
  local row
  local stored = false
  if self.control.interrupted then
    row = not_run(script, "the run was interrupted before")
  elseif self.result.unreachable then
    row = not_run(script, self.result.unreachable)
  else
    local outcome, value = self.control:call(math.huge, self.deployment_for, self, script.scenario)
    if outcome == "done" then
      stored = true
      row = run_scenario.run(script, {
        deployment = value,
        control = self.control,
        progress = self.output.progress,
        projects = self.options.projects,
        settings = self.options.settings,
        profile = self.options.profile,
        seed = self.options.seed,
        threads = self.options.threads,
        store = self.output.store,
      })
    elseif outcome == "interrupted" then
      row = not_run(script, "the run was interrupted before")
    else
      local described = errors.describe(value)
      self.result.unreachable = described.operation
        and ("%s: %s"):format(described.operation, described.message) or described.message
      row = not_run(script, self.result.unreachable)
    end
  end
  if self.output.store and not stored then
    self.output.store:fixed(row)
  end
  table.insert(self.result.scenarios, row)
  self.output.row(row)
end

local function has_scenario(scripts)
  for _, script in ipairs(scripts) do
    if script.scenario then
      return true
    end
  end
  return false
end

--- Runs all scripts. Loads them first, so that a mistake in the last shows before the first has run.
---@param options scalerun.RunOptions
---@param control scalerun.Control
---@param output scalerun.Output
---@return table result what the reports are made of
function run.execute(options, control, output)
  local began = time.now()
  local result = {
    started = time.wall_text(),
    projects = options.projects,
    settings = options.settings,
    profile = options.profile,
    seed = options.seed,
    target = {},
    scenarios = {},
    errors = {},
  }
  local self = setmetatable({ options = options, control = control, output = output, result = result }, Run)
  profiles.choose(options.profile)
  self.scripts = load_all(options.paths, result, output)
  if output.store and has_scenario(self.scripts) then
    output.store:begin { version = build.version, started = result.started, projects = options.projects,
      settings = redact.settings(options.settings), profile = options.profile, seed = options.seed,
      sandbox = not is_existing(options) }
  end
  local ok, err = pcall(function()
    for index, script in ipairs(self.scripts) do
      if script.scenario then
        self:scenario(index)
      elseif not control.interrupted then
        self:plain(script)
      end
    end
  end)
  result.target_text = self.deployment and self.deployment:text()
  self:close()
  if not ok then
    error(err, 0)
  end
  local verdicts = {}
  for index, row in ipairs(result.scenarios) do
    verdicts[index] = row.verdict
    for _, mistake in ipairs(row.errors) do
      result.script_failed = result.script_failed or mistake ~= nil
    end
  end
  result.script_failed = result.script_failed or #result.errors > 0
  result.verdict = verdict.worst(verdicts)
  result.plain = #self.scripts > 0 and #result.scenarios == 0
  result.signal = control.interrupted
  result.duration = time.now() - began
  return result
end

return run
