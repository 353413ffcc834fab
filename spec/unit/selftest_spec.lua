local matrix = require "scalerun.selftest.matrix"
local plan = require "scalerun.selftest.plan"

local KNOWN = { { name = "leak" }, { name = "gap" }, { name = "slow" } }
local NAMES = { "leak", "gap", "slow" }

local function scenarios()
  return {
    { id = "S1", path = "s1.lua", catches = { "gap" } },
    { id = "S2", path = "s2.lua", catches = { "leak", "slow" } },
  }
end

local function texts(made)
  local list = {}
  for index, one in ipairs(made.runs) do
    local ids = {}
    for at, scenario in ipairs(one.scenarios) do
      ids[at] = scenario.id
    end
    list[index] = ("%s: %s"):format(one.fault or "none", table.concat(ids, " "))
  end
  return list
end

describe("the plan of a self-test", function()
  it("runs every scenario without and with every fault", function()
    local made = assert(plan.make(scenarios(), NAMES, KNOWN, { clean = 2 }))
    assert.same({ "none: S1 S2", "none: S1 S2", "leak: S1 S2", "gap: S1 S2", "slow: S1 S2" }, texts(made))
    assert.same({}, made.unmeant)
  end)

  it("runs only those that are meant to find the fault, where asked to", function()
    local made = assert(plan.make(scenarios(), NAMES, KNOWN, { clean = 0, meant = true }))
    assert.same({ "leak: S2", "gap: S1", "slow: S2" }, texts(made))
  end)

  it("takes a part of the faults, and all parts together take each once", function()
    local taken = {}
    for number = 1, 2 do
      local made = assert(plan.make(scenarios(), NAMES, KNOWN, { clean = 0, part = { number = number, of = 2 } }))
      for _, one in ipairs(made.runs) do
        taken[one.fault] = (taken[one.fault] or 0) + 1
      end
    end
    assert.same({ leak = 1, gap = 1, slow = 1 }, taken)
  end)

  it("names faults that no scenario is meant for", function()
    local made = assert(plan.make({ scenarios()[1] }, NAMES, KNOWN, { clean = 1 }))
    assert.same({ "leak", "slow" }, made.unmeant)
  end)

  it("refuses a fault that there is not", function()
    local list = scenarios()
    list[1].catches = { "gapp" }
    local made, problem = plan.make(list, NAMES, KNOWN, { clean = 1 })
    assert.is_nil(made)
    assert.equal("s1.lua: scenario S1 catches 'gapp', but there is no such fault (did you mean 'gap'?)", problem)
  end)
end)

describe("the matrix of a self-test", function()
  local meant = { leak = { S2 = true }, gap = { S1 = true }, slow = {} }
  local ids = { "S1", "S2" }
  local found

  before_each(function()
    found = matrix.new(meant)
  end)

  it("passes when every fault is found and nothing fails without one", function()
    found:add(nil, { S1 = "pass", S2 = "pass" }, ids)
    found:add("leak", { S1 = "fail", S2 = "fail" }, ids)
    found:add("gap", { S1 = "fail", S2 = "pass" }, ids)
    local verdict, text = found:verdict {}
    assert.equal("pass", verdict)
    assert.equal("2 of 2 faults caught, 0 false alarms in 1 clean run", text)
  end)

  it("fails when the scenario that is meant to find a fault does not, whoever else fails", function()
    found:add("gap", { S1 = "inconclusive", S2 = "fail" }, ids)
    local verdict, text = found:verdict {}
    assert.equal("fail", verdict)
    assert.matches("0 of 1 faults caught, .*; missed: gap %(S1 inconclusive%)", text)
  end)

  it("fails when no scenario is meant to find a fault", function()
    found:add("slow", { S1 = "fail", S2 = "fail" }, ids)
    local verdict, text = found:verdict { "slow" }
    assert.equal("fail", verdict)
    assert.matches("missed: slow %(no scenario is meant to find it%); no scenario is meant for: slow", text)
  end)

  it("fails on a false alarm", function()
    found:add(nil, { S1 = "pass", S2 = "fail" }, ids)
    local verdict, text = found:verdict {}
    assert.equal("fail", verdict)
    assert.matches("1 false alarm in 1 clean run; false alarms: S2", text)
  end)

  it("fails when a run did not come to its end", function()
    found:add("gap", {}, ids, "no room on the disk")
    local verdict, text = found:verdict {}
    assert.equal("fail", verdict)
    assert.matches("missed: gap %(S1 did not run%); did not run: gap: no room on the disk", text)
  end)

  it("is inconclusive when a scenario is without a fault", function()
    found:add(nil, { S1 = "inconclusive", S2 = "pass" }, ids)
    local verdict, text = found:verdict {}
    assert.equal("inconclusive", verdict)
    assert.matches("inconclusive without a fault: S1", text)
  end)

  it("shows who found what", function()
    assert.equal("           S1    S2", matrix.head(ids, 7))
    assert.equal("none     .     ?", found:line(nil, { S1 = "pass", S2 = "inconclusive" }, ids, 4))
    assert.equal("none  ALARM error", found:line(nil, { S1 = "fail", S2 = "error" }, ids, 5))
    assert.equal("leak   fail FOUND", found:line("leak", { S1 = "fail", S2 = "fail" }, ids, 5))
    assert.equal("leak           -", found:line("leak", { S2 = "pass" }, ids, 3))
  end)
end)
