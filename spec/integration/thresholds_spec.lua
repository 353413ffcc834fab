-- Thresholds from the script to the exit status and the report.
local command = require "spec.support.command"
local fs = require "scalerun.fs"
local json = require "scalerun.json"
local sandbox = require "scalerun.sandbox"

describe("thresholds", function()
  local folder, box, keys

  setup(function()
    folder = command.folder()
    box = sandbox.start { projects = { "one", "two" } }
    keys = command.file(folder, "keys.json", json.encode(box.keys))
  end)

  teardown(function()
    box:stop()
    fs.remove(folder)
  end)

  -- Each of two projects counts 50 operations of 10 ms, the second one of 20 ms.
  local function run(limits)
    local path = command.file(folder, "limits.lua", ([[
local scale = require "scalerun"
return scale.scenario {
  id = "limits",
  load = { executor = "per-project-iterations", iterations = 50 },
  iteration = function(project)
    scale.metrics.record("work.done", project.index * 0.010)
  end,
  thresholds = {
%s
  },
}
]]):format(limits))
    return command.run { "--projects", "one,two", "--target", box.url, "--keys", keys, path }
  end

  local function checks_of(outcome)
    local found = {}
    for _, check in ipairs(outcome.report.scenarios[1].checks) do
      found[check.name] = check
    end
    return found
  end

  it("pass, with the generator's validity in the report", function()
    local outcome = run [[
    ["done p95"] = "< 25ms",
    ["one.done max"] = { "< 11ms", covers = "NFR-1" },
    ["errors"] = "== 0",
    ["work.done count"] = ">= 100",
    ["two.done p50 / one.done p50"] = "< 2.1",
    ]]
    local found = checks_of(outcome)
    for name in pairs { ["done p95 < 25ms"] = 1, ["errors == 0"] = 1, ["work.done count >= 100"] = 1 } do
      assert.equal("pass", found[name].verdict, outcome.stdout)
    end
    assert.same({ "NFR-1" }, found["one.done max < 11ms"].covers)
    assert.equal("pass", found["two.done p50 / one.done p50 < 2.1"].verdict)
    assert.equal("valid", outcome.report.scenarios[1].generator.verdict)
    assert.equal(0, outcome.status)
  end)

  it("fail", function()
    local outcome = run '    ["*.done p95"] = "< 15ms",'
    assert.equal(1, outcome.status)
    assert.matches("fail  %*%.done p95 < 15ms: observed 20%.?%d* ms, expected below 15ms", outcome.stdout)
    assert.matches("two: 20%.?%d* ms", outcome.stdout)
  end)

  it("are inconclusive without data", function()
    local outcome = run '    ["dome p95"] = "< 15ms",'
    assert.equal(2, outcome.status)
    assert.is_truthy(outcome.stdout:find("no series 'dome' was measured (did you mean 'work.done'?)", 1, true))
  end)

  -- A scenario of its own load and iteration.
  local function run_all(body)
    local path = command.file(folder, "own.lua", 'local scale = require "scalerun"\nreturn scale.scenario {\n'
      .. '  id = "own",\n' .. body .. "\n}\n")
    return command.run { "--projects", "one,two", "--target", box.url, "--keys", keys, path }
  end

  it("end the phase once they are broken", function()
    local outcome = run_all [[
  load = { executor = "constant-projects", duration = "60s", pacing = "10ms" },
  iteration = function() scale.metrics.record("work", 0.05) end,
  verify = function(run) run:expect("never asked"):count(1):equals(1) end,
  thresholds = { ["work max"] = { "< 20ms", abort = true } },]]
    assert.equal(1, outcome.status, outcome.stdout)
    assert.equal(1, #outcome.report.scenarios[1].checks)
    local check = outcome.report.scenarios[1].checks[1]
    assert.same({ "work max < 20ms", "fail" }, { check.name, check.verdict })
    assert.matches("^50%.?%d* ms, after which the phase was ended$", check.observed)
  end)

  it("hold in every window, and show the worst", function()
    local body = [[
  load = { executor = "constant-projects", duration = "2.5s", pacing = "10ms" },
  iteration = function(project) scale.metrics.record("work", project.iteration > 150 and 0.05 or 0.01) end,
  thresholds = { ["work p90 over 500ms"] = "< %dms", ["work p50"] = "< 20ms" },]]
    local outcome = run_all(body:format(40))
    assert.equal("fail", checks_of(outcome)["work p90 over 500ms < 40ms"].verdict, outcome.stdout)
    assert.equal("pass", checks_of(outcome)["work p50 < 20ms"].verdict)
    outcome = run_all(body:format(60))
    assert.equal(0, outcome.status, outcome.stdout)
  end)

  it("decide on the arms of a comparison", function()
    local body = [[
  load = { executor = "per-project-iterations", iterations = 30 },
  compare = { solo = { projects = 1 }, all = {}, rounds = 3, most = 5 },
  iteration = function(project)
    scale.metrics.record("work", project.arm == "all" and %s or 0.0100 + project.iteration %% 3 * 0.0001)
  end,
  verify = function(run, seen)
    run:expect("the same in words"):ratio(seen.compare:ratio { series = "work", statistic = "p95" }):below("+10%%")
  end,
  thresholds = { ["all.work mean / solo.work mean"] = "< +10%%" },]]
    local outcome = run_all(body:format("0.0104"))
    assert.equal(0, outcome.status, outcome.stdout)
    local found = outcome.report.scenarios[1].comparisons
    assert.same({ 2, "pass", 3 }, { #found, found[1].verdict, found[1].rounds })
    outcome = run_all(body:format("0.0120"))
    assert.equal(1, outcome.status, outcome.stdout)
  end)

  it("are inconclusive where the generator was at its limit, and say why", function()
    local outcome = run_all [[
  load = { executor = "per-project-iterations", iterations = 3 },
  iteration = function()
    local until_then = scale.time.now() + 0.3
    while scale.time.now() < until_then do end
    scale.metrics.record("work", 0.01)
  end,
  thresholds = { ["work max"] = "< 20ms", ["errors"] = "== 0" },]]
    assert.equal(2, outcome.status, outcome.stdout)
    local found = checks_of(outcome)
    assert.equal("inconclusive", found["work max < 20ms"].verdict)
    assert.matches("but the generator was at its limit: phase load: an event loop was away for ",
      found["work max < 20ms"].observed)
    assert.equal("pass", found["errors == 0"].verdict)
    assert.equal("invalid", outcome.report.scenarios[1].generator.verdict)
    assert.equal("loop lag", outcome.report.scenarios[1].generator.findings[1].name)
  end)

  it("are refused with line and nearest name", function()
    local outcome = run '    ["done p59"] = "< 15ms",'
    assert.equal(3, outcome.status)
    assert.is_truthy(outcome.stderr:find(
      "limits.lua:8: scale.scenario: thresholds[\"done p59\"]: no statistic is called 'p59'", 1, true), outcome.stderr)
  end)
end)
