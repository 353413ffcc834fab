-- scalerun selftest on scenarios that are made here: one finds what it is meant to find, one does not.
local command = require "spec.support.command"
local fs = require "scalerun.fs"

local FINDER = [[
local scale = require "scalerun"
local tasks = require "scalerun.target.tasks"
return scale.scenario {
  id = "T1",
  needs = { "target" },
  catches = { "leak_tasks" },
  load = { executor = "per-project-iterations", iterations = 1 },
  iteration = function(project)
    for _, other in ipairs(project.projects) do
      local list = tasks.list(project, { as = other, limit = 5 })
      project:record(other == project.id and "own" or "foreign", #list)
    end
  end,
  verify = function(run, seen)
    run:expect("own tasks are there"):values(seen.own):all_equal(5)
    run:expect("others' are not"):values(seen.foreign):all_equal(0)
  end,
}
]]

local BLIND = [[
local scale = require "scalerun"
return scale.scenario {
  id = "T2",
  needs = { "target" },
  catches = { "gap_id" },
  load = { executor = "per-project-iterations", iterations = 1 },
  iteration = function(project)
    project:record("looked", true)
  end,
  verify = function(run, seen)
    run:expect("something was done"):values(seen.looked):all_equal(true)
  end,
}
]]

local function selftest(...)
  return command.run({ "selftest", "--projects", "2", ... }, { reports = false })
end

describe("scalerun selftest", function()
  local folder, finder, blind

  setup(function()
    folder = command.folder()
    finder = command.file(folder, "t1.lua", FINDER)
    blind = command.file(folder, "t2.lua", BLIND)
  end)

  it("passes when each fault is found by a scenario that is meant to", function()
    local kept = folder .. "/kept"
    local outcome = selftest("--fault", "leak_tasks", "--report", kept, finder, blind)
    assert.equal(0, outcome.status, outcome.stdout .. outcome.stderr)
    assert.matches("\nnone +%. +%.\n", outcome.stdout)
    assert.matches("\nleak_tasks +FOUND +%.\n", outcome.stdout)
    assert.matches("\npass · 1 of 1 faults caught, 0 false alarms in 1 clean run\n", outcome.stdout)
    assert.same({ "1-none", "2-leak_tasks" }, fs.list(kept))
  end)

  it("fails when a fault is not found, whatever else fails", function()
    local outcome = selftest("--fault", "gap_id", "--meant", "--clean", "0", finder, blind)
    assert.equal(1, outcome.status, outcome.stdout .. outcome.stderr)
    assert.matches("\ngap_id +%-\n", outcome.stdout)
    assert.matches("\nfail · 0 of 1 faults caught, .*; missed: gap_id %(T2 pass%)\n", outcome.stdout)
  end)

  it("refuses what it cannot try", function()
    local outcome = selftest("--fault", "leak_task", finder)
    assert.equal(64, outcome.status)
    assert.matches("there is no fault 'leak_task' %(did you mean 'leak_tasks'%?%)", outcome.stderr)
    outcome = selftest("--part", "4/3", finder)
    assert.equal(64, outcome.status)
    assert.matches("%-%-part: write K/N, such as 1/3, not '4/3'", outcome.stderr)
    outcome = selftest(folder .. "/none.lua")
    assert.equal(3, outcome.status)
    local broken = command.file(folder, "broken.lua", "return 1 +")
    outcome = selftest(broken)
    assert.equal(3, outcome.status)
    assert.matches("broken%.lua", outcome.stderr)
  end)
end)
