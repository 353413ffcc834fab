-- The scenarios against a real sandbox: they pass on a correct target, and each fault of the target is found by
-- the scenario that is meant to find it, and by no other.
local command = require "spec.support.command"
local sandbox = require "scalerun.sandbox"

local function rows_of(outcome)
  local rows = {}
  for _, row in ipairs(outcome.report.scenarios) do
    rows[row.id] = row
  end
  return rows
end

local function failed_checks(row)
  local failed = {}
  for _, check in ipairs(row.checks) do
    if check.verdict ~= "pass" then
      failed[check.name] = check
    end
  end
  return failed
end

local function evidence_text(checks)
  local texts = {}
  for _, check in pairs(checks) do
    for _, item in ipairs(check.evidence) do
      texts[#texts + 1] = item.text
    end
  end
  return table.concat(texts, "\n")
end

describe("the scenarios", function()
  local scripts = { "scripts/scenarios/s1_id_reservation.lua", "scripts/scenarios/s2_project_isolation.lua" }

  it("pass on the reference target", function()
    local outcome = command.run { scripts[1], scripts[2] }
    assert.equal(0, outcome.status, outcome.stdout .. outcome.stderr)
    local rows = rows_of(outcome)
    assert.equal("pass", rows.S1.verdict)
    assert.equal("pass", rows.S2.verdict)
    assert.matches("365/365 unique, US%-001…US%-365, 365/365 serializable", outcome.stdout)
    assert.matches("0 leaks in %d+ answers over 25 project pairs", outcome.stdout)
    assert.equal("sandbox", outcome.report.target.kind)
  end)

  it("pass with other projects", function()
    local outcome = command.run { "--projects", "3", "--seed", "7", scripts[1], scripts[2] }
    assert.equal(0, outcome.status, outcome.stdout .. outcome.stderr)
    assert.matches("225/225 unique", outcome.stdout)
  end)

  -- Which scenario finds the fault, by which check, with what in its evidence.
  local faults = {
    duplicate_id = { "S1", "no two requests were given one id",
      "US%-%d+ was given out twice: [%w-]+, phase [%w-]+, user %d+, iteration %d+, .*; and [%w-]+, phase" },
    gap_id = { "S1", "single ids have no gap", "US%-%d%d%d is missing" },
    unordered_id = { "S1", "ids follow the clock",
      "US%-%d+ was given out although a larger id had been before: [%w-]+, phase" },
    allocation_conflict = { "S1", "no iteration fails", "ids.reserve: POST /ids/reserve answered 500" },
    metrics_lie = { "S1", "clients and target count the same requests",
      "the target's metric task_tracking_requests: %d+ of requests" },
    read_committed = { "S1", "every allocation is serializable",
      "READ COMMITTED in session %x+%.%x+, virtual transaction %d+/%d+, at .*: US%-%d%d%d" },
    leak_tasks = { "S2", "reads of another project's tasks are empty",
      "[%w-]+ asked for tasks of [%w-]+ .*: list: 200 with %d+ tasks" },
    leak_tasks_under_load = { "S2", "every task that is sent belongs to its reader",
      "[%w-]+ was sent [%w-]+'s task [%w-]+: GET /tasks" },
    cross_write = { "S2", "changes of another project's tasks are refused",
      "[%w-]+ tried to change S2%-%x+%-[%w-]+%-victim naming project [%w-]+: [24]00" },
    lost_ack = { "S2", "no iteration fails", "tasks.set_status: PUT /tasks/S2%-%x+%-[%w-]+%-started/status" },
    cross_read_error = { "S2", "reads of another project's tasks are empty",
      "[%w-]+ asked for tasks of [%w-]+ .*: list: 403" },
  }
  for fault, expected in pairs(faults) do
    local finder, check, evidence = table.unpack(expected)
    local other = finder == "S1" and "S2" or "S1"

    it(("find %s by %s alone"):format(fault, finder), function()
      local outcome = command.run { "--fault", fault, scripts[1], scripts[2] }
      assert.equal(1, outcome.status, outcome.stdout .. outcome.stderr)
      assert.equal("scalerun: fail: " .. finder, outcome.last_line)
      local rows = rows_of(outcome)
      assert.equal("fail", rows[finder].verdict)
      assert.equal("pass", rows[other].verdict)
      local failed = failed_checks(rows[finder])
      assert.is_table(failed[check], outcome.stdout)
      assert.equal("fail", failed[check].verdict)
      assert.matches(evidence, evidence_text { failed[check] })
    end)
  end

  describe("on a deployment whose log is out of reach", function()
    local function run(fault, rate)
      local box <close> = sandbox.start { reserve_rate = rate or 0, fault = fault }
      return command.run { "--target", box.url, "--keys", box.keys_file, "--database", box.dsn, "--set",
        "allow_reset=yes", scripts[1] }
    end

    it("prove isolation by predicate locks", function()
      local outcome = run(nil)
      assert.equal(0, outcome.status, outcome.stdout .. outcome.stderr)
      assert.matches("115/115 serializable by SIReadLock", outcome.stdout)
    end)

    it("do not prove it when there were none, and say what would decide it", function()
      local outcome = run("read_committed")
      assert.equal(2, outcome.status, outcome.stdout .. outcome.stderr)
      assert.matches("0/115 serializable by SIReadLock", outcome.stdout)
      assert.matches("log_statement = all", outcome.stdout)
    end)

    it("do not blame it for its rate limit", function()
      local outcome = run(nil, 10)
      assert.equal(2, outcome.status, outcome.stdout .. outcome.stderr)
      assert.matches("refused with 429; raise the target's limit", outcome.stdout)
    end)

    it("do not number its ids anew without being told", function()
      local box <close> = sandbox.start { reserve_rate = 0 }
      local outcome = command.run { "--target", box.url, "--keys", box.keys_file, "--database", box.dsn, scripts[1] }
      assert.equal(2, outcome.status, outcome.stdout .. outcome.stderr)
      assert.matches("allow it with %-%-set allow_reset=yes", outcome.stdout)
    end)
  end)

  it("refuse a fault that the target does not have, naming the ones it has", function()
    local outcome = command.run { "--fault", "duplicate_ids", scripts[1] }
    assert.equal(64, outcome.status, outcome.stdout .. outcome.stderr)
    assert.matches("duplicate_id", outcome.stderr)
  end)
end)
