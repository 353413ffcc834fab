-- Loads as users see them: through the command line, with what the report tells of them.
local command = require "spec.support.command"
local fs = require "scalerun.fs"

describe("a run with", function()
  local folder

  setup(function()
    folder = command.folder()
  end)

  teardown(function()
    fs.remove(folder)
  end)

  local function run(body, more)
    local path = command.file(folder, "script.lua",
      ('local scale = require "scalerun"\nreturn scale.scenario {\n  id = "L",\n%s\n}\n'):format(body))
    local words = { "--projects", "2", path }
    table.move(more or {}, 1, #(more or {}), #words + 1, words)
    local outcome = command.run(words)
    return outcome, outcome.report and outcome.report.scenarios[1]
  end

  it("an arrival rate counts what starts late and what never starts", function()
    local outcome, scenario = run [[
  load = { executor = "constant-arrival-rate", rate = 100, duration = "300ms", users = 1, max_late = "2ms" },
  iteration = function() scale.time.sleep(0.05) end,
  verify = function(run, seen)
    run:expect("arrivals are dropped"):count(seen.projects[1].dropped):at_least(1)
    local dropped = seen.projects[1].dropped + seen.projects[2].dropped
    run:expect("none is forgotten"):count(seen.iterations + dropped):equals(60)
  end,]]
    local phase = scenario.phases[1]
    assert.equal("pass", scenario.verdict, outcome.stdout)
    assert.equal(60, phase.iterations + phase.dropped)
    assert.equal(phase.dropped, scenario.projects[1].dropped + scenario.projects[2].dropped)
    assert.equal(phase.iterations, scenario.projects[1].iterations + scenario.projects[2].iterations)
    assert.is_number(phase.lateness_ms.p99)
    assert.equal("invalid", scenario.generator.verdict)
    assert.is_nil(scenario.projects[1].ops.lateness)
    assert.is_number(scenario.projects[1].ops.iteration.scheduled_ms.p95)
  end)

  it("a shared arrival rate gives each project its turn", function()
    local outcome, scenario = run([[
  load = { executor = "constant-arrival-rate", rate = 50, duration = "220ms", shared = true },
  compare = { solo = {}, all = {}, rounds = 1, most = 1 },
  iteration = function(project) project:record(project.arm, project.id) end,
  verify = function(run, seen)
    run:expect("alone"):count(#seen.solo):equals(11)
    run:expect("together"):count(#seen.all):equals(11)
    local counts = {}
    for _, id in ipairs(seen.all) do counts[id] = (counts[id] or 0) + 1 end
    for index, id in ipairs(run.projects) do
      run:expect("turns of " .. id):count(counts[id]):equals(index <= 3 and 3 or 2)
    end
  end,]], { "--projects", "4" })
    assert.equal("pass", scenario.verdict, outcome.stdout)
    assert.same({ 11, 11 }, { scenario.phases[1].iterations, scenario.phases[2].iterations })
  end)

  it("more projects than shared arrivals leaves some without any", function()
    local outcome, scenario = run([[
  load = { executor = "ramping-arrival-rate", shared = true,
    rate = 10, stages = { { duration = "200ms", rate = 10 } } },
  iteration = function(project) project:record("who", project.id) end,
  verify = function(run, seen)
    run:expect("who"):value(table.concat(seen.who, " ") == run.projects[1] .. " " .. run.projects[2]):is_true()
    run:expect("dropped"):count(seen.projects[3].dropped):equals(0)
  end,]], { "--projects", "3" })
    assert.equal("pass", scenario.verdict, outcome.stdout)
    assert.equal(0, scenario.projects[3].iterations)
  end)

  it("a warm-up leaves it out of the numbers, and its failures too", function()
    local outcome, scenario = run [[
  load = { executor = "per-project-iterations", iterations = 4, warmup = "1h" },
  iteration = function(project)
    project:record("n", project.iteration)
    project.http:get("/no/such/path", { name = "probe" })
  end,
  verify = function(run, seen)
    run:expect("records stay"):count(#seen.n):equals(8)
    run:expect("nothing was measured"):value(seen.ops.count == nil):is_true()
  end,]]
    assert.equal(0, outcome.status, outcome.stdout)
    assert.equal(8, scenario.phases[1].warmup_iterations)
    assert.equal(0, scenario.phases[1].iterations)
    assert.equal(0, scenario.projects[1].requests)
  end)

  it("a comparison alternates its arms, each round with other projects", function()
    local outcome, scenario = run [[
  load = { executor = "per-project-iterations", iterations = 2 },
  compare = { solo = { iterations = 3 }, all = {}, rounds = 3, most = 3 },
  iteration = function(project)
    project:record("who", project.arm .. " " .. project.id)
    scale.metrics.record("op", project.arm == "all" and 0.2 or 0.1)
  end,
  verify = function(run, seen)
    local last
    local turns = {}
    for _, who in ipairs(seen.who) do
      if who ~= last then table.insert(turns, who) end
      last = who
    end
    run:expect("turns"):value(table.concat(turns, ", ") == "solo ai-agent, all ai-agent, all alpha, "
      .. "all ai-agent, all alpha, solo alpha, solo ai-agent, all ai-agent, all alpha"):is_true()
    local compared = seen.compare.load
    run:expect("rounds"):count(compared.rounds):equals(3)
    run:expect("baseline"):value(compared.baseline == "solo" and compared.load == "all"):is_true()
    run:expect("solo"):count(seen.arms.solo.ops.op.ok):equals(9)
    run:expect("all"):count(seen.arms.all.ops.op.ok):equals(12)
    run:expect("a round"):count(compared.arms.all[2].ops.op.ok):equals(4)
    run:expect("all of them"):count(seen.ops.op.ok):equals(21)
  end,]]
    assert.equal(0, outcome.status, outcome.stdout)
    local turns = {}
    for index, phase in ipairs(scenario.phases) do
      turns[index] = ("%d %s %d"):format(phase.round, phase.arm, phase.projects)
    end
    assert.same({ "1 solo 1", "1 all 2", "2 all 2", "2 solo 1", "3 solo 1", "3 all 2" }, turns)
  end)

  it("a ratio that is not decided takes more rounds, as many as it may", function()
    local body = [[
  load = { executor = "per-project-iterations", iterations = 4 },
  compare = { solo = {}, all = {}, rounds = 2, most = %d, time = "%s" },
  thresholds = { ["all.op mean / solo.op mean"] = "< 1.10" },
  iteration = function(project)
    scale.metrics.record("op", project.arm == "all" and scale.random.number() + 0.61 or 1)
  end,]]
    local _, scenario = run(body:format(5, "60s"))
    assert.equal(10, #scenario.phases)
    -- But none that would not end in time.
    _, scenario = run(body:format(5, "1ms"))
    assert.equal(4, #scenario.phases)
  end)

  it("a threshold that is broken ends early, and fails", function()
    local outcome, scenario = run [[
  load = { executor = "constant-projects", duration = "60s" },
  thresholds = { ["op p95"] = { "< 100ms", abort = true } },
  iteration = function() scale.metrics.record("op", 1) scale.time.sleep(0.01) end,]]
    assert.equal(1, outcome.status, outcome.stdout)
    assert.is_true(scenario.duration_s < 50)
    assert.matches("after which the phase was ended", scenario.checks[1].observed)
    assert.equal("fail", scenario.checks[1].verdict)
  end)

  it("one seed sends the same in the same order, and pauses as long", function()
    local body = [[
  load = { executor = "per-project-iterations", iterations = 5,
    think = { distribution = "exponential", mean = "2ms" } },
  iteration = function(project)
    project:record("sent", ("%s %d %d"):format(project.id, project.iteration, scale.random.integer(1, 1000000)))
  end,
  verify = function(run, seen)
    run:expect("sent"):count(#seen.sent):equals(10)
    run:summarize("%s", table.concat(seen.sent, ","))
  end,]]
    local _, first = run(body, { "--seed", "7" })
    local _, again = run(body, { "--seed", "7" })
    local _, other = run(body, { "--seed", "8" })
    assert.equal(first.summary, again.summary)
    assert.not_equal(first.summary, other.summary)
  end)
end)
