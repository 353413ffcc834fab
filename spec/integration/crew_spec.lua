-- The crew: what executors make of a load, on real threads. Nothing here depends on how fast they are.
local command = require "spec.support.command"
local host = require "scalerun.core.host"
local load = require "scalerun.load"
local merge = require("scalerun.core.metrics").merge
local metrics = require "scalerun.core.metrics"
local seen = require "scalerun.run.seen"
local strain = require "scalerun.run.strain"
local task = require "scalerun.core.task"
local time = require "scalerun.core.time"

local folder = command.folder()

local function crew_of(iteration, projects, seed)
  local path = command.file(folder, "script.lua", ([[
local scale = require "scalerun"
return scale.scenario {
  id = "X",
  load = { executor = "per-project-iterations", iterations = 1 },
  iteration = function(project)
%s
  end,
}
]]):format(iteration))
  local list = {}
  for index, id in ipairs(projects) do
    list[index] = { id = id, index = index }
  end
  local crew, err = host.start { script = path, projects = list, seed = seed or 42,
    shared = { projects = projects, settings = {}, seed = seed or 42 } }
  return assert(crew, err and err.message)
end

local function phase(crew, given, more)
  local options = { index = 1, load = load.check("spec", given) }
  for key, value in pairs(more or {}) do
    options[key] = value
  end
  local result, err = crew:phase(options)
  assert(result, err and err.message)
  return result, seen.build({ { name = "load", result = result, warmup = options.load.warmup } }, merge)
end

local function sum(result, name)
  local total = 0
  for _, project in ipairs(result.projects) do
    total = total + project[name]
  end
  return total
end

describe("a crew", function()
  it("shares iterations among all projects", function()
    local crew <close> = crew_of("scale.time.sleep(0.001) project:record('n', project.iteration)", { "a", "b", "c" })
    local result, found = phase(crew, { executor = "shared-iterations", iterations = 50, users = 2 })
    assert.equal(50, sum(result, "iterations"))
    for _, project in ipairs(result.projects) do
      local numbers = {}
      for _, record in ipairs(project.records.n or {}) do
        numbers[#numbers + 1] = record.value
      end
      table.sort(numbers)
      for index, number in ipairs(numbers) do
        assert.equal(index, number)
      end
    end
    assert.equal(50, #found.n)
  end)

  it("starts every arrival or counts it as dropped, in their order", function()
    local crew <close> = crew_of("project:record('n', project.iteration) scale.time.sleep(0.04)", { "a", "b" })
    local result = phase(crew, { executor = "constant-arrival-rate", rate = 100, duration = "400ms", users = 1,
      max_late = "5ms" })
    assert.equal(80, sum(result, "iterations") + sum(result, "dropped"))
    for _, project in ipairs(result.projects) do
      assert.is_true(project.dropped > 0)
      assert.is_true(project.iterations > 0)
      local last = 0
      for _, record in ipairs(project.records.n) do
        assert.is_true(record.value > last and record.value <= 40)
        last = record.value
      end
    end
  end)

  it("counts what starts late, and reports latency from the schedule too", function()
    local crew <close> = crew_of("scale.metrics.record('step x', 0.001)", { "a" })
    local result, found = phase(crew, { executor = "constant-arrival-rate", rate = 200, duration = "200ms",
      max_late = 1e-9 })
    assert.equal(40, sum(result, "iterations"))
    assert.equal(40, sum(result, "late"))
    assert.equal(0, sum(result, "dropped"))
    assert.equal(40, found.ops.lateness.count)
    assert.is_true(found.ops.lateness.min > 0)
    local iteration = found.ops.iteration
    assert.is_true(iteration.scheduled.mean > iteration.mean)
    assert.is_true(iteration.scheduled.max >= iteration.max)
    assert.is_nil(found.ops.ok)
  end)

  it("lets arrivals wait for a user no longer than they may", function()
    local crew <close> = crew_of("if project.iteration == 1 then scale.time.sleep(0.3) end", { "a" })
    local result = phase(crew, { executor = "constant-arrival-rate", rate = 100, duration = "100ms", users = 1,
      max_late = "10s" })
    assert.equal(10, sum(result, "iterations"))
    assert.equal(0, sum(result, "dropped"))
    assert.equal(0, sum(result, "late"))
    assert.is_true(result.projects[1].metrics:get("lateness").max > 0.1)
  end)

  it("goes through the stages of a ramp", function()
    local crew <close> = crew_of("", { "a", "b" })
    local result = phase(crew, { executor = "ramping-arrival-rate",
      stages = { { duration = "200ms", rate = 200 }, { duration = "100ms", rate = 0 } } })
    assert.equal(60, sum(result, "iterations"))
  end)

  it("leaves the warm-up out of counts, metrics and history, not out of records", function()
    local crew <close> = crew_of([[
    project:record("n", project.iteration)
    project:op { kind = "x", f = "write", key = "k" }
    scale.metrics.record("op", 0.001)
    local task = scale.task.spawn(scale.metrics.record, "op", 0.001)
    task:join()
    if project.iteration == 2 then project.http:get("/") end]], { "a" })
    local result, found = phase(crew, { executor = "per-project-iterations", iterations = 5, warmup = "1h" })
    assert.equal(0, sum(result, "iterations"))
    assert.equal(0, sum(result, "failed"))
    assert.same({ iterations = 5, failed = 1 }, result.projects[1].warmup)
    assert.same({ 1, 2, 3, 4, 5 }, found.n)
    assert.is_nil(found.ops.count)
    assert.equal(0, found.history:count {})
    -- The next phase of the same state counts again.
    result, found = phase(crew, { executor = "per-project-iterations", iterations = 1 })
    assert.equal(1, sum(result, "iterations"))
    assert.equal(2, found.ops.count)
    assert.equal(1, found.history:count {})
  end)

  it("leaves arrivals of the warm-up out by their schedule", function()
    local crew <close> = crew_of("", { "a" })
    local result = phase(crew, { executor = "constant-arrival-rate", rate = 100, duration = "300ms",
      warmup = "100ms" })
    assert.equal(20, sum(result, "iterations"))
    assert.equal(10, result.projects[1].warmup.iterations)
  end)

  it("paces users", function()
    local crew <close> = crew_of("project:record('at', scale.time.now())", { "a" })
    local _, found = phase(crew, { executor = "per-project-iterations", iterations = 4, pacing = "40ms" })
    for index = 2, 4 do
      assert.is_true(found.at[index] - found.at[index - 1] > 0.02)
    end
  end)

  it("lets users think, but not past the end", function()
    local crew <close> = crew_of("project:record('at', scale.time.now())", { "a" })
    local result, found = phase(crew, { executor = "per-project-iterations", iterations = 3, think = "30ms" })
    assert.is_true(found.at[3] - found.at[1] >= 0.06)
    assert.equal(3, sum(result, "iterations"))
    result = phase(crew, { executor = "constant-projects", duration = "50ms", think = "1h" })
    assert.equal(1, sum(result, "iterations"))
  end)

  it("runs a phase with some of its projects", function()
    local crew <close> = crew_of("project:record('who', project.id .. ' ' .. tostring(project.arm))", { "a", "b", "c" })
    local given = { executor = "per-project-iterations", iterations = 1 }
    local result, found = phase(crew, given, { projects = { "c", "a" }, arm = "some" })
    assert.equal(2, #result.projects)
    assert.same({ "a some", "c some" }, found.who)
    found = select(2, phase(crew, given))
    assert.same({ "a nil", "b nil", "c nil" }, found.who)
    assert.has_error(function()
      phase(crew, given, { projects = { "d" } })
    end)
  end)

  it("ends users who wait when it is stopped", function()
    local crew <close> = crew_of("", { "a", "b" })
    for _, given in ipairs {
      { executor = "constant-arrival-rate", rate = 1, duration = "1h" },
      { executor = "per-project-iterations", iterations = 5, think = "1h" },
      { executor = "per-project-iterations", iterations = 5, pacing = "1h" },
    } do
      local ended
      local running = task.spawn(function()
        ended = phase(crew, given)
      end)
      repeat
        time.sleep(0.01)
        local live = crew:live()
      until live[1].iterations == 1 and live[2].iterations == 1
      crew:stop()
      assert.is_true(running:join())
      assert.equal(2, sum(ended, "iterations"))
    end
  end)

  it("shows what it has measured while it runs", function()
    local crew <close> = crew_of([[
    scale.metrics.record('op', 0.25)
    if project.iteration == 3 then scale.time.sleep(3600) end]], { "a", "b" })
    local running = task.spawn(phase, crew, { executor = "per-project-iterations", iterations = 4 })
    local live
    repeat
      time.sleep(0.01)
      live = crew:live(true)
      local first, second = live[1].metrics:get("op"), live[2].metrics:get("op")
    until first and second and first.ok == 3 and second.ok == 3
    assert.same({ "a", 2, 4, false, 0 }, { live[1].id, live[1].iterations, live[1].total, live[1].done, live[1].late })
    local now = seen.live(live, 2, merge)
    assert.equal(6, now.ops.op.ok)
    assert.equal(3, now.projects[2].ops.op.ok)
    assert.equal(2, now.duration)
    crew:cancel()
    running:join()
    assert.is_nil(crew:live(true)[1].metrics:get("op"))
  end)

  it("sends the same in the same order for the same seed", function()
    local function order(seed)
      local crew <close> = crew_of("project:record('pick', scale.random.integer(1, 1000000))", { "a", "b" }, seed)
      local _, found = phase(crew, { executor = "per-project-iterations", iterations = 20 })
      return { table.unpack(found.pick) }
    end
    local first = order(7)
    assert.same(first, order(7))
    assert.not_same(first, order(8))
  end)

  it("measures the pauses of the collector and the longest turn", function()
    local crew <close> = crew_of([[
    local keep = {}
    for index = 1, 1000 do keep[index] = { index } end
    scale.time.sleep(0)]], { "a" })
    local result = phase(crew, { executor = "per-project-iterations", iterations = 100 })
    local gc = result.projects[1].gc
    assert.is_true(gc.count > 0)
    assert.is_true(gc.longest > 0 and gc.longest <= gc.total)
    assert.is_true(result.projects[1].loop_longest >= gc.longest)
    assert.is_true(result.projects[1].cpu > 0)
    assert.is_true(result.projects[1].loop_busy >= result.projects[1].loop_longest)
    local row = strain.row({ name = "load", executor = "x" }, result, strain.watch_clock(), metrics.merge)
    assert.equal(100, row.iterations)
    assert.equal(gc.longest, row.gc_longest)
    assert.equal(100, row.lateness.count)
  end)

  it("counts collections that a long computation brings about", function()
    local crew <close> = crew_of("for _ = 1, 300000 do local _ = { { {} } } end", { "a" })
    local result = phase(crew, { executor = "per-project-iterations", iterations = 1 })
    assert.is_true(result.projects[1].gc.unmeasured > 0)
  end)
end)
