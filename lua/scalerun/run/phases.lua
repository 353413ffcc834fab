--- Runs a scenario's phases: one load after the other, and where a phase compares, its arms in turn.
local compare = require "scalerun.compare"
local core = require "scalerun.core.task"
local metrics = require "scalerun.core.metrics"
local seen = require "scalerun.run.seen"
local strain = require "scalerun.run.strain"
local thresholds = require "scalerun.judge.thresholds"
local time = require "scalerun.core.time"

local phases = {}

-- After a stop, how long iterations under way may go on before they are ended.
local STOP_GRACE = 5
local PROGRESS_PERIOD = 0.2
-- Between two looks at latencies, or at thresholds that end a phase early or have a window: at least so many times the
-- look's own cost.
local WATCH_PERIOD, WATCH_SHARE = 1, 20

---@class scalerun.Turn a phase, or in a comparison one arm's part of a round
---@field index integer of the phase
---@field name string
---@field load scale.Load
---@field projects string[]? nil: all
---@field arm string?
---@field round integer?
---@field compare scalerun.Comparison?

local function is_watched(scenario)
  for _, threshold in ipairs(scenario.thresholds or {}) do
    if threshold.abort or threshold.window then
      return true
    end
  end
  return false
end

local function length_of(load)
  local seconds = 0
  for _, stage in ipairs(load.stages or {}) do
    seconds = seconds + stage.duration
  end
  return load.duration or (load.stages and seconds) or nil
end

local function title_of(turn)
  return turn.arm and ("%s %d %s"):format(turn.name, turn.round, turn.arm) or turn.name
end

-- When to look again, after a look that began then.
local function next_look(began)
  local done = time.now()
  return done + math.max(WATCH_PERIOD, (done - began) * WATCH_SHARE)
end

-- Latencies for a live block.
local function look_at_latency(latency, crew)
  local now = time.now()
  if now < latency.look_at then
    return
  end
  for _, project in ipairs(crew:live(true)) do
    local series = project.metrics:get "iteration"
    latency.p95[project.id] = series and series.p95
  end
  latency.look_at = next_look(now)
end

local function show_progress(runner, crew, turn, began, latency)
  local progress = runner.env.progress
  if progress.live and not progress.quiet then
    look_at_latency(latency, crew)
  end
  local projects = crew:live()
  for _, project in ipairs(projects) do
    project.p95 = latency.p95[project.id]
    project.iterations = project.iterations + project.warmup.iterations
    project.failed = project.failed + project.warmup.failed
  end
  progress:show {
    scenario = runner.scenario.id,
    phase = title_of(turn),
    elapsed = time.now() - began,
    duration = length_of(turn.load),
    projects = projects,
  }
end

-- Looks at what has been measured so far; true when that ends the phase.
local function is_broken(runner, crew, began)
  local live, elapsed = crew:live(true), time.now() - began
  local so_far = seen.live(live, elapsed, metrics.merge)
  if runner.windows then
    runner.windows:look(live, elapsed)
    so_far.windows = runner.windows.found
  end
  local threshold, value = thresholds.broken(runner.scenario, so_far)
  if not threshold then
    return false
  end
  runner.broken = { threshold = threshold, value = value }
  crew:stop()
  return true
end

-- What goes on beside a turn until it is cancelled: progress, the clock, thresholds that end it early.
local function accompany(runner, crew, turn, clock)
  local began = time.now()
  local watches, look_at = is_watched(runner.scenario), began + WATCH_PERIOD
  local latency = { p95 = {}, look_at = began + PROGRESS_PERIOD }
  while true do
    time.sleep(PROGRESS_PERIOD)
    clock:look()
    show_progress(runner, crew, turn, began, latency)
    local now = time.now()
    if watches and now >= look_at then
      watches = not is_broken(runner, crew, began)
      look_at = next_look(now)
    end
  end
end

-- Runs one turn to its end; false once the row says why it did not get there.
local function run_turn(runner, crew, turn)
  local clock = strain.watch_clock()
  if runner.windows then
    runner.windows:begin("phase " .. title_of(turn), turn.load.warmup)
  end
  local companion = core.spawn(accompany, runner, crew, turn, clock)
  local killer
  runner.limit = runner.scenario.timeout
  local outcome, result, err = runner.env.control:guard(runner:remaining(), function()
    crew:stop()
    killer = core.spawn(function()
      time.sleep(STOP_GRACE)
      crew:cancel()
    end)
  end, crew.phase, crew,
    { index = turn.index, load = turn.load, data = runner.data, projects = turn.projects, arm = turn.arm })
  clock:look()
  for _, helper in ipairs { companion, killer } do
    helper:cancel()
    helper:join()
  end
  if result then
    if runner.windows then
      runner.windows:look(result.projects, result.ended - result.started)
    end
    local plan = turn.compare
    table.insert(runner.results, { name = turn.name, result = result, warmup = turn.load.warmup, arm = turn.arm,
      round = turn.round, compare = plan and
        { baseline = plan.baseline, load = plan.load, rounds = plan.rounds, most = plan.most } or nil })
    table.insert(runner.row.phases, strain.row({ name = turn.name, executor = turn.load.executor, arm = turn.arm,
      round = turn.round }, result, clock, metrics.merge))
  end
  if outcome ~= "done" or not result then
    runner:not_done("phase " .. title_of(turn), outcome == "done" and "failed" or outcome, err)
    return false
  end
  return not runner:is_aborted()
end

-- One turn of each arm.
local function run_round(runner, crew, index, phase, round)
  for _, name in ipairs { compare.turns(phase.compare, round) } do
    local arm = phase.compare.arms[name]
    local complete = run_turn(runner, crew, {
      index = index,
      name = phase.name,
      load = arm.load,
      projects = compare.projects(arm, round, runner.projects),
      arm = name,
      round = round,
      compare = phase.compare,
    })
    if not complete then
      return false
    end
  end
  return true
end

-- As many rounds as are asked for, and more while a ratio is not decided and there is time.
local function run_comparison(runner, crew, index, phase)
  local plan = phase.compare
  local began = time.now()
  for round = 1, plan.most do
    local before = time.now()
    if not run_round(runner, crew, index, phase, round) then
      return false
    end
    local now = time.now()
    local next_ends = now + (now - before)
    if round >= plan.rounds and (next_ends > began + plan.time or next_ends > runner.deadline
      or not thresholds.undecided(runner.scenario, seen.build(runner.results, metrics.merge), runner.env.seed)) then
      break
    end
  end
  return true
end

--- All phases, one after the other, in a crew that has loaded the script.
---@param runner table
---@param crew scalerun.Crew
---@return boolean complete false when one of them did not come to its end
function phases.run(runner, crew)
  runner.windows = thresholds.windows(runner.scenario, metrics, seen.ops)
  runner.row.windows = runner.windows and runner.windows.found
  for index, phase in ipairs(runner.scenario.phases) do
    if phase.setup then
      local ok, value = runner:step(("setup of phase %s"):format(phase.name), phase.setup, runner.run, runner.data,
        seen.build(runner.results, metrics.merge))
      if value ~= nil then
        runner.data = value
      end
      if not ok then
        return false
      end
    end
    local complete
    if phase.compare then
      complete = run_comparison(runner, crew, index, phase)
    else
      complete = run_turn(runner, crew, { index = index, name = phase.name, load = phase.load })
    end
    if not complete then
      return false
    end
  end
  return true
end

return phases
