--- Runs one scenario to its verdict: setup, phases, verify, teardown.
local context = require "scalerun.run.context"
local control = require "scalerun.run.control"
local errors = require "scalerun.errors"
local failures = require "scalerun.judge.failures"
local host = require "scalerun.core.host"
local judge = require "scalerun.judge"
local metrics = require "scalerun.core.metrics"
local phases = require "scalerun.run.phases"
local seen = require "scalerun.run.seen"
local steps = require "scalerun.steps"
local stored = require "scalerun.stored.scenario"
local tape = require "scalerun.stored.tape"
local thresholds = require "scalerun.judge.thresholds"
local time = require "scalerun.core.time"
local validity = require "scalerun.judge.validity"
local watch = require "scalerun.witness.watch"

local run_scenario = {}

local TEARDOWN_TIME = 60
-- Intervals of the row's timeline, about.
local TIMELINE_POINTS = 100

---@class scalerun.Row
---@field id string
---@field title string
---@field path string
---@field verdict string
---@field duration number
---@field checks scalerun.Check[]
---@field errors table[] mistakes of the script
---@field projects table[] what each project did
---@field phases table[]
---@field steps scalerun.StepRow[]? what projects walked through
---@field workflow boolean? whether it is a workflow that runs by itself
---@field summary string?
---@field generator scalerun.Validity? whether the generator could be trusted to measure
---@field windows table<string, scalerun.Windowed>? what thresholds over a window found
---@field comparisons table[]? the paired ratios that were judged
---@field shares table[]? the shares that were judged
---@field series scale.WitnessSeries[]? what witnesses saw over time
---@field timeline { interval: number, projects: table<string, scale.Timeline> }?
---@field witness scalerun.Witnessed? how they were looked at, and where they could not be

local Runner = {}
Runner.__index = Runner

local function inconclusive(runner, name, observed, expected)
  runner.judge:add {
    name = name,
    verdict = "inconclusive",
    observed = observed,
    expected = expected,
  }
end

function Runner:mistake(err, during)
  err.during = err.during or during
  err.path = self.path
  table.insert(self.row.errors, err)
end

-- Says in the row how a step that did not do its work ended.
function Runner:not_done(step, outcome, err)
  if outcome == "interrupted" then
    inconclusive(self, "the run is not interrupted", ("interrupted during %s"):format(step), "no interrupt")
  elseif outcome == "timeout" then
    inconclusive(self, ("%s ends in time"):format(step), ("still running after %g s"):format(self.limit),
      ("at most %g s (timeout of the scenario)"):format(self.limit))
  else
    local described = errors.describe(err)
    if failures.is_operational(described) then
      inconclusive(self, ("%s succeeds"):format(step), ("%s: %s"):format(described.operation, described.message),
        "no error")
    else
      self:mistake(described, step)
    end
  end
end

function Runner:remaining()
  return math.max(self.deadline - time.now(), 0.001)
end

-- setup, verify: true and the value, or false once the row says why not.
function Runner:step(name, fn, ...)
  self.env.progress:update(("%s  %s"):format(self.scenario.id, name))
  self.limit = self.scenario.timeout
  self.tape.step = name
  local outcome, value = self.env.control:call(self:remaining(), fn, ...)
  if outcome == "done" then
    return true, value
  end
  self:not_done(name, outcome, value)
  return false
end

function Runner:unmet()
  local missing = {}
  for _, need in ipairs(self.scenario.needs) do
    if not self.env.deployment:has(need) then
      missing[#missing + 1] = need
    end
  end
  for _, need in ipairs(missing) do
    self.run:undecided(("needs the %s"):format(need), need)
  end
  return #missing > 0
end

function Runner:start_crew()
  local projects = {}
  for index, id in ipairs(self.projects) do
    projects[index] = { id = id, index = index, key = self.env.deployment.keys[id] }
  end
  local crew, err = host.start {
    script = self.path,
    projects = projects,
    threads = self.env.threads,
    seed = self.env.seed,
    shared = self.env.deployment:shared(self.projects, self.env),
  }
  if not crew then
    self:not_done("start", "failed", err)
  end
  return crew
end

-- All phases; false when one of them did not come to its end.
function Runner:phases()
  local crew = self:start_crew()
  if not crew then
    return false
  end
  local complete = phases.run(self, crew)
  crew:close()
  return complete
end

-- Whether a threshold has ended the phase early, which fails the scenario.
function Runner:is_aborted()
  local broken = self.broken
  if not broken then
    return false
  end
  self.judge:add(thresholds.aborted(broken.threshold, broken.value))
  return true
end

-- What iterations raised: a failed operation is a finding, a mistake of the script is the script's.
function Runner:judge_iterations()
  local all, iterations = {}, 0
  for _, one in ipairs(self.results) do
    for _, project in ipairs(one.result.projects) do
      all[#all + 1] = project
      iterations = iterations + project.iterations
    end
  end
  local found = failures.sort(all)
  for _, mistake in ipairs(found.mistakes) do
    self:mistake(mistake)
  end
  for _, missing in ipairs(found.missing) do
    inconclusive(self, "the run has what iterations need", missing)
  end
  if #found.limited > 0 then
    inconclusive(self, "the load fits the target's rate limit",
      ("refused with 429; raise the target's limit for this run: %s"):format(found.limited[1]))
  end
  local excused = #found.missing > 0 or #found.limited > 0
  if #found.operational > 0 or (found.failed > #found.mistakes and not excused) then
    self.judge:add {
      name = "no iteration fails",
      verdict = "fail",
      observed = ("%d of %d iterations failed"):format(found.failed, iterations),
      expected = 0,
      evidence = found.operational,
    }
  end
end

function Runner:verify()
  if self.scenario.verify then
    self:step("verify", self.scenario.verify, self.run, self.seen, self.data)
    for _, message in ipairs(self.judge:unfinished()) do
      self:mistake({ kind = "script", message = message }, "verify")
    end
  end
end

function Runner:teardown()
  if self.scenario.teardown then
    self.limit = TEARDOWN_TIME
    local outcome, err = control.clean_up(TEARDOWN_TIME, self.scenario.teardown, self.run, self.data)
    if outcome ~= "done" then
      self:not_done("teardown", outcome, err)
    end
  end
end

-- The phases, with somebody looking at the witnesses meanwhile.
function Runner:watched_phases()
  local deployment_now = self.env.deployment
  local watching = watch.begin(self.scenario.witness, deployment_now:witnesses(self.env.seed, self:remaining()))
  local complete = self:phases()
  local first = self.results[1]
  local witnessed = watching:finish(first and first.result.started)
  self.row.series, self.row.witness = witnessed.series, witnessed
  deployment_now:witnessed(witnessed)
  for _, gap in ipairs(witnessed.gaps) do
    self.env.progress:log(("%s  witness %s, %.1f s to %.1f s: %s"):format(self.scenario.id, gap.source, gap.from,
      gap.to, gap.message))
  end
  return complete
end

function Runner:work()
  local ready = true
  self.env.deployment:begin()
  if self.scenario.setup then
    ready, self.data = self:step("setup", self.scenario.setup, self.run)
  end
  self:conclude(ready and self:watched_phases())
  self:teardown()
end

-- Of a stored run, the tape has what witnesses said.
function Runner:check_witnesses()
  local problem = self.env.deployment and self.env.deployment:covers(self.seen.history)
  if problem then
    self.env.progress:log(("%s  witness target: %s"):format(self.scenario.id, problem))
  end
end

-- Judges what the phases left; the same again when a stored run is judged.
function Runner:conclude(complete)
  self.complete = complete
  stored.mark(self)
  self.seen = seen.build(self.results, metrics.merge)
  self:check_witnesses()
  self.row.projects = self.seen.projects
  self.row.steps = steps.measured(self.seen)
  self.row.timeline = self.seen.history:timeline { points = TIMELINE_POINTS }
  self.seen.windows = self.row.windows
  self.row.generator = validity.judge(self.row.phases)
  self.judge.generator = self.row.generator
  self:judge_iterations()
  if complete then
    self:verify()
    thresholds.judge(self.scenario.thresholds, self.seen, self.judge, self.env.seed)
  end
  stored.mark(self)
end

-- The row, once everything has been found.
function Runner:finish()
  if #self.row.errors > 0 then
    inconclusive(self, "the script runs without error", #self.row.errors, 0)
  end
  self.row.checks = self.judge.checks
  self.row.comparisons, self.row.shares = self.judge.comparisons, self.judge.shares
  self.row.verdict = self.judge:verdict()
  return self.row
end

---@class scalerun.Environment
---@field deployment scalerun.Deployment
---@field control scalerun.Control
---@field progress scalerun.Progress
---@field projects string[]
---@field settings table<string, string>
---@field profile string
---@field seed integer
---@field threads integer?
---@field store scalerun.StoredWriter? takes down what the scenario is judged by

-- A runner whose witnesses are those of the deployment.
local function new(script, env, projects, witnesses, recorder, sandbox)
  local scenario = script.scenario
  local runner = setmetatable({
    scenario = scenario,
    path = script.path,
    env = env,
    projects = projects,
    judge = judge.new(),
    tape = recorder,
    results = {},
    limit = scenario.timeout,
    deadline = time.now() + scenario.timeout,
    row = { id = scenario.id, title = scenario.title, path = script.path, covers = scenario.covers,
      workflow = scenario.workflow,
      errors = {}, projects = {}, phases = {} },
  }, Runner)
  runner.run = context.new {
    deployment = witnesses,
    sandbox = sandbox,
    judge = runner.judge,
    row = runner.row,
    progress = env.progress,
    projects = runner.projects,
    settings = env.settings,
    profile = env.profile,
    seed = env.seed,
  }
  return runner
end

--- Runs the scenario. Does not raise: what went wrong stands in the row.
---@param script { path: string, scenario: table }
---@param env scalerun.Environment
---@return scalerun.Row
function run_scenario.run(script, env)
  local projects = table.move(env.projects, 1, script.scenario.most_projects or #env.projects, 1, {})
  local recorder = tape.new()
  local runner = new(script, env, projects, recorder:wrap(env.deployment), recorder, env.deployment.sandbox ~= nil)
  local began = time.now()
  if env.control.interrupted then
    runner:not_done("start", "interrupted")
  elseif not runner:unmet() then
    runner:work()
  end
  runner.row.duration = time.now() - began
  if env.store then
    env.store:scenario(stored.of(runner), runner.seen and runner.seen.history)
  end
  return runner:finish()
end

--- Judges a stored scenario again: verify is given what it was given then, and its witnesses answer from the tape.
---@param script { path: string, scenario: table }
---@param given scalerun.StoredScenario
---@param env { control: scalerun.Control, progress: scalerun.Progress, settings: table, seed: integer,
---  profile: string, sandbox: boolean }
---@return scalerun.Row
function run_scenario.judge_again(script, given, env)
  local witnesses, played = stored.deployment(given)
  local runner = new(script, env, given.projects, witnesses, played, env.sandbox)
  stored.restore(runner, given)
  if given.complete ~= nil then
    runner:conclude(given.complete)
    stored.add(runner, given.after)
  end
  return runner:finish()
end

return run_scenario
