local log_file = require "scalerun.evidence.log_file"
local predicate_locks = require "scalerun.evidence.predicate_locks"
local seen = require "scalerun.run.seen"
local taint = require "scalerun.taint"
local target = require "scalerun.target"
local values = require "scalerun.judge.values"

describe("seen", function()
  local function metrics(series)
    return {
      list = series,
      series = function(self)
        local names = {}
        for name in pairs(self.list) do
          names[#names + 1] = name
        end
        return names
      end,
      get = function(self, name)
        return self.list[name]
      end,
    }
  end

  local function merge(list)
    local sum = {}
    for _, one in ipairs(list) do
      for name, series in pairs(one.list) do
        sum[name] = sum[name] or { ok = 0, failed = 0 }
        sum[name].ok = sum[name].ok + series.ok
        sum[name].failed = sum[name].failed + series.failed
      end
    end
    return metrics(sum)
  end

  local function project(id, ok, records)
    return {
      id = id,
      iterations = 3,
      failed = 1,
      records = records,
      metrics = metrics { ["ids.reserve"] = { ok = ok, failed = 1 }, iteration = { ok = 3, failed = 0 } },
    }
  end

  local built

  before_each(function()
    built = seen.build({
      { name = "burst", result = { started = 100, ended = 102, projects = {
        project("alpha", 2, { id = { { value = "US-001", iteration = 1 } } }),
        project("beta", 3, { id = { { value = "US-002", iteration = 2 } } }),
      } } },
      { name = "again", result = { started = 103, ended = 104.5, projects = {
        project("alpha", 5, { id = { { value = "US-003", iteration = 1 } } }),
        project("beta", 7, {}),
      } } },
    }, merge)
  end)

  it("tells when each phase ran", function()
    assert.same({ from = 0, to = 2 }, built.phases.burst.span)
    assert.same({ from = 3, to = 4.5 }, built.phases.again.span)
  end)

  it("has the records of all phases, with their origin", function()
    assert.same({ "US-001", "US-002", "US-003" }, built.id)
    assert.same({ project = "beta", iteration = 2, phase = "burst" }, values.origin(built.id, 2))
  end)

  it("has each phase alone", function()
    assert.same({ "US-003" }, built.phases.again.id)
    assert.equal(12, built.phases.again.ops.ok)
  end)

  it("counts operations, but not iterations, among them", function()
    assert.equal(17, built.ops.ok)
    assert.equal(4, built.ops.failed)
    assert.equal(17, built.ops["ids.reserve"].ok)
    assert.equal(12, built.iterations)
  end)

  it("has what each project did", function()
    assert.same({ "alpha", 6, 2, 7 }, { built.projects[1].id, built.projects[1].iterations, built.projects[1].failed,
      built.projects[1].ops.ok })
  end)

  it("has an empty list for what nobody recorded, and nothing for what nobody measured", function()
    assert.same({}, built.typo)
    assert.equal("typo", values.name(built.typo))
    assert.is_nil(built.ops["tasks.list"].ok)
    assert.is_nil(seen.build({}, merge).ops.ok)
  end)
end)

describe("taint", function()
  it("makes markers that differ each time", function()
    local one, other = taint.markers { "alpha", "beta" }, taint.markers { "alpha", "beta" }
    assert.not_equal(one.alpha, one.beta)
    assert.not_equal(one.alpha, other.alpha)
    assert.equal(#"taint-" + 32, #one.alpha)
  end)

  it("finds the markers of others", function()
    local markers = { alpha = "taint-a.a", beta = "taint-b", gamma = "taint-c" }
    assert.same({ "beta", "gamma" }, taint.found("x taint-c y taint-b taint-a.a", markers, "alpha"))
    assert.same({}, taint.found("x taint-axa", markers, "beta"))
  end)

  it("records every answer that it scanned, and the leaks", function()
    local recorded, ops, observer = {}, {}, nil
    taint.watch({
      id = "alpha",
      on_answer = function(_, fn)
        observer = fn
      end,
      record = function(_, name, value)
        recorded[#recorded + 1] = { name, value }
      end,
      op = function(_, op)
        ops[#ops + 1] = op
      end,
    }, { alpha = "taint-a", beta = "taint-b" })
    observer("tasks.list", { body = "taint-a", request = "GET /tasks" })
    observer("tasks.next", { body = "taint-b", request = "GET /tasks/next" })
    assert.same({ "scanned", "tasks.list" }, recorded[1])
    assert.same({ "taint_control", "tasks.list" }, recorded[2])
    assert.same({ "scanned", "tasks.next" }, recorded[3])
    assert.equal("leak", recorded[4][1])
    assert.equal("alpha was sent beta's marker in the answer to GET /tasks/next", recorded[4][2].text)
    assert.equal(4, #recorded)
    assert.same({ kind = "answer", f = "check", key = "tasks.list", input = "GET /tasks", output = { "taint-a" } },
      ops[1])
    assert.same({ "taint-b" }, ops[2].output)
  end)
end)

describe("a target's path", function()
  it("has its parameters in order, escaped", function()
    assert.equal("/tasks", target.path("/tasks", {}))
    assert.equal("/tasks?limit=5&project=a%26b%20c", target.path("/tasks", { project = "a&b c", limit = 5 }))
  end)
end)

describe("predicate locks", function()
  local function holders(count)
    local list = {}
    for index = 1, count do
      list[index] = { holder = "3/" .. index, relations = "id_registry_pkey" }
    end
    return list
  end

  it("prove as many transactions as held them", function()
    local found = predicate_locks.judge(holders(50), 50)
    assert.equal("pass", found.verdict)
    assert.equal("50/50 serializable by SIReadLock", found.observed)
    assert.equal("3/1", found.evidence[1].virtual_xid)
  end)

  it("leave it open when there are fewer, or none, and say what would decide it", function()
    for _, count in ipairs { 0, 49 } do
      local found = predicate_locks.judge(holders(count), 50)
      assert.equal("inconclusive", found.verdict)
      assert.matches("log_statement = all", found.evidence[1].text)
    end
    assert.equal("inconclusive", predicate_locks.judge({}, nil).verdict)
  end)
end)

describe("a log file", function()
  local path, log

  before_each(function()
    path = os.tmpname()
    log = log_file.new(path, require("cjson").decode)
  end)

  after_each(function()
    os.remove(path)
  end)

  local function append(text)
    local file = assert(io.open(path, "a"))
    file:write(text)
    file:close()
  end

  local function read()
    local messages = {}
    log:read(function(entry)
      messages[#messages + 1] = entry.message
    end)
    return messages
  end

  it("is read as it grows, whole lines only", function()
    assert.same({}, read())
    append('{"message":"a"}\n{"message":')
    assert.same({ "a" }, read())
    append('"b"}\n')
    assert.same({ "b" }, read())
    assert.same({}, read())
  end)

  it("that is no JSON log is refused", function()
    append("LOG: hello\n")
    local ok, message = pcall(read)
    assert.is_false(ok)
    assert.matches("byte 0 does not begin a line of PostgreSQL's JSON log", message)
  end)
end)
