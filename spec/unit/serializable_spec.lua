local cjson = require "cjson"
local serializable = require "scalerun.evidence.serializable"
local transactions = require "scalerun.evidence.transactions"

-- Recorded from PostgreSQL 15: spec/support/postgresql15.log.json has psql's simple protocol, then two pgbench
-- clients with prepared statements, one of which fails with 40001.
local function recorded()
  local list = {}
  for line in io.lines("spec/support/postgresql15.log.json") do
    list[#list + 1] = cjson.decode(line)
  end
  return list
end

local function levels(follower)
  local list = {}
  for index, transaction in ipairs(follower.committed) do
    list[index] = transaction.level or "unknown"
  end
  return list
end

describe("transactions of a recorded log", function()
  local follower

  before_each(function()
    follower = transactions.new("id_registry", "read committed")
    for _, entry in ipairs(recorded()) do
      follower:entry(entry)
    end
    follower:finish()
  end)

  it("has the committed ones with their levels, in order", function()
    assert.same({
      "read committed", -- insert, no transaction
      "read committed", -- begin
      "serializable", -- set session characteristics, begin
      "repeatable read", -- set default_transaction_isolation, no transaction
      "serializable", -- begin, set transaction
      "read committed", -- after discard all
      "serializable", -- pgbench: begin isolation level serializable
    }, levels(follower))
  end)

  it("has the ids and the identity of each", function()
    local last = follower.committed[7]
    assert.same({ ["US-011"] = true, ["US-012"] = true }, last.ids)
    assert.equal("3/22", last.virtual_xid)
    assert.equal("6b04c4ac.5a51", last.session)
    assert.equal(23121, last.pid)
    assert.matches("^2026%-11%-23 22:56:44", last.at)
  end)

  it("forgets transactions but not what sessions have set", function()
    local again = transactions.new("id_registry")
    for index, entry in ipairs(recorded()) do
      if entry.message:find("^statement: SET default") then
        again:entry(entry)
        again:forget()
        again:entry(recorded()[index + 1])
        break
      end
      again:entry(entry)
    end
    again:finish()
    assert.same({ "repeatable read" }, levels(again))
  end)
end)

describe("transactions", function()
  local follower

  before_each(function()
    follower = transactions.new("id_registry", "read committed")
  end)

  local function log(message, fields)
    local entry = { session_id = "a.1", message = message, error_severity = "LOG", pid = 1, vxid = "3/1" }
    for key, value in pairs(fields or {}) do
      entry[key] = value
    end
    follower:entry(entry)
  end

  local function committed()
    follower:finish()
    return levels(follower)
  end

  it("drop what failed at commit", function()
    log("statement: BEGIN ISOLATION LEVEL SERIALIZABLE")
    log("execute a: UPDATE id_registry SET x = 1")
    log("statement: COMMIT")
    log("could not serialize access", { error_severity = "ERROR" })
    assert.same({}, committed())
  end)

  it("drop a single statement that failed", function()
    log("statement: UPDATE id_registry SET x = 1")
    log("deadlock detected", { error_severity = "ERROR" })
    assert.same({}, committed())
  end)

  it("keep what was rolled back to a savepoint and then committed", function()
    log("statement: BEGIN ISOLATION LEVEL SERIALIZABLE; SAVEPOINT a")
    log("statement: UPDATE id_registry SET x = 1")
    log("division by zero", { error_severity = "ERROR" })
    log("statement: ROLLBACK TO SAVEPOINT a")
    log("statement: COMMIT")
    assert.same({ "serializable" }, committed())
  end)

  it("follow a chain", function()
    log("statement: BEGIN ISOLATION LEVEL SERIALIZABLE")
    log("statement: COMMIT AND CHAIN")
    log("statement: UPDATE id_registry SET x = 1")
    log("statement: COMMIT")
    assert.same({ "serializable" }, committed())
  end)

  it("do not mix sessions", function()
    log("statement: BEGIN ISOLATION LEVEL SERIALIZABLE")
    log("statement: UPDATE id_registry SET x = 1", { session_id = "b.2" })
    log("statement: COMMIT")
    assert.same({ "read committed" }, committed())
  end)

  it("drop what a broken session left open", function()
    log("statement: BEGIN ISOLATION LEVEL SERIALIZABLE")
    log("statement: UPDATE id_registry SET x = 1")
    log("disconnection: session time: 0:00:01")
    assert.same({}, committed())
  end)

  it("undo a level that was set in a transaction which was rolled back", function()
    log("statement: BEGIN")
    log("statement: SET default_transaction_isolation TO serializable")
    log("statement: ROLLBACK")
    log("statement: UPDATE id_registry SET x = 1")
    assert.same({ "read committed" }, committed())
  end)

  it("know SET transaction_isolation", function()
    log("statement: BEGIN")
    log("statement: SET LOCAL transaction_isolation = 'serializable'")
    log("statement: UPDATE id_registry SET x = 1")
    log("statement: COMMIT")
    assert.same({ "serializable" }, committed())
  end)

  it("know a level that is set among other statements of a text", function()
    log("statement: SET enable_seqscan = off; SET default_transaction_isolation = 'serializable'; SET x = ';'")
    log("statement: UPDATE id_registry SET x = 1")
    assert.same({ "serializable" }, committed())
  end)

  it("do not guess a level that the log does not show", function()
    follower = transactions.new("id_registry", nil)
    log("statement: UPDATE id_registry SET x = 1")
    assert.same({ "unknown" }, committed())
  end)

  it("read durations before statements", function()
    log("duration: 0.123 ms  statement: UPDATE id_registry SET x = 1")
    assert.same({ "read committed" }, committed())
  end)

  it("take ids from parameters, and from a registry's type and number", function()
    log("execute registry_advance: UPDATE id_registry SET last = $3 WHERE artifact_type = $1 AND scope = $2",
      { detail = "parameters: $1 = 'US', $2 = 'global', $3 = '7'" })
    log("statement: BEGIN")
    log("execute u: UPDATE id_registry SET x = 1")
    log("execute i: INSERT INTO id_reservations VALUES ($1)", { detail = [[parameters: $1 = '["US-008","US-1009"]']] })
    log("statement: COMMIT")
    follower:finish()
    assert.same({ ["US-007"] = true }, follower.committed[1].ids)
    assert.same({ ["US-008"] = true, ["US-1009"] = true }, follower.committed[2].ids)
  end)
end)

describe("serializable", function()
  local function transaction(level, ...)
    local ids = {}
    for _, id in ipairs { ... } do
      ids[id] = true
    end
    return { session = "6b.1", virtual_xid = "3/22", at = "22:56:44.643", level = level, ids = ids }
  end

  it("passes when every id was written by a serializable transaction", function()
    local written = { transaction("serializable", "US-001", "US-002"), transaction("serializable", "US-003") }
    local result = serializable.judge(written, { "US-001", "US-002", "US-003" })
    assert.equal("pass", result.verdict)
    assert.equal("3/3 serializable", result.observed)
    assert.same({ "US-001", "US-002" }, result.evidence[1].ids)
    assert.equal("3/22", result.evidence[1].virtual_xid)
    assert.matches("SERIALIZABLE in session 6b.1, virtual transaction 3/22, at 22:56:44.643: US%-001, US%-002",
      result.evidence[1].text)
  end)

  it("fails on any weaker write and names it", function()
    local written = { transaction("serializable", "US-001"), transaction("read committed", "US-002") }
    local result = serializable.judge(written, { "US-001", "US-002" })
    assert.equal("fail", result.verdict)
    assert.equal("1/2 serializable", result.observed)
    assert.equal(1, #result.evidence)
    assert.matches("^READ COMMITTED .*US%-002", result.evidence[1].text)
  end)

  it("is inconclusive when an id is not in the log", function()
    local result = serializable.judge({ transaction("serializable", "US-001") }, { "US-001", "US-002" })
    assert.equal("inconclusive", result.verdict)
    assert.matches("US%-002", result.evidence[1].text)
  end)

  it("is inconclusive when a level is unknown", function()
    assert.equal("inconclusive", serializable.judge({ transaction(nil, "US-001") }, { "US-001" }).verdict)
  end)

  it("is inconclusive on an empty log, and on no ids", function()
    assert.equal("inconclusive", serializable.judge({}, nil).verdict)
    assert.equal("inconclusive", serializable.judge({}, {}).verdict)
    assert.equal("inconclusive", serializable.judge({}, { "US-001" }).verdict)
  end)

  it("counts transactions where there are no ids", function()
    local result = serializable.judge({ transaction("serializable"), transaction("serializable") })
    assert.equal("2/2 serializable", result.observed)
    assert.equal("pass", result.verdict)
  end)
end)
