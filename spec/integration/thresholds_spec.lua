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

  it("are refused with line and nearest name", function()
    local outcome = run '    ["done p59"] = "< 15ms",'
    assert.equal(3, outcome.status)
    assert.is_truthy(outcome.stderr:find(
      "limits.lua:8: scale.scenario: thresholds[\"done p59\"]: no statistic is called 'p59'", 1, true), outcome.stderr)
  end)
end)
