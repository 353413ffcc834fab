-- The checkers of the history, each on a record that is right and on one that is wrong.
local core = require "scalerun.core.history"
local fs = require "scalerun.fs"
local history = require "scalerun.history"
local json = require "scalerun.json"

-- A history of these operations, in order; started and ended default to one after the other.
local function record(...)
  local by_project, order = {}, {}
  for index, op in ipairs { ... } do
    local id = op.project or "alpha"
    if not by_project[id] then
      by_project[id] = {}
      order[#order + 1] = id
    end
    local given = { kind = "id", f = "allocate", started = index, ended = index + 0.5 }
    for key, value in pairs(op) do
      if key ~= "project" and key ~= "user" then
        given[key] = value
      end
    end
    table.insert(by_project[id], { user = op.user or 1, given = given })
  end
  core.take()
  local parts = {}
  for index, id in ipairs(order) do
    for number, one in ipairs(by_project[id]) do
      assert.is_nil(core.op({ user = one.user, iteration = number }, one.given))
    end
    parts[index] = { history = core.take(), project = id, phase = "main" }
  end
  return history.new(parts)
end

local function texts(found)
  local list = {}
  for index, item in ipairs(found.evidence) do
    list[index] = item.text
  end
  return table.concat(list, "\n")
end

describe("the history", function()
  it("gives back what was recorded", function()
    local seen = record(
      { key = "US", input = 2, output = { "US-001", "US-002" }, replica = "a", scheduled = 0.5 },
      { kind = "task", f = "write", key = "T\"1\0", input = "é\n\255", output = { a = { 1, 2.5, true } }, attempt = 2 },
      { project = "beta", f = "read", kind = "task", error = "timeout" }
    )
    local list = {}
    for op in seen:ops() do
      list[#list + 1] = op
    end
    assert.same({ project = "alpha", phase = "main", user = 1, iteration = 1, kind = "id", f = "allocate", key = "US",
      input = 2, output = { "US-001", "US-002" }, replica = "a", attempt = 1, scheduled = 0.5, started = 1.0,
      ended = 1.5 }, list[1])
    assert.same({ "T\"1\0", "é\n\u{FFFD}", { a = { 1, 2.5, true } }, 2 },
      { list[2].key, list[2].input, list[2].output, list[2].attempt })
    assert.same({ "beta", "timeout" }, { list[3].project, list[3].error })
    assert.same({ "a" }, seen:replicas())
    assert.same({}, seen:replicas { project = "beta" })
    assert.is_nil(list[3].output)
    assert.same({ 3, 1 }, { seen:count() })
    assert.same({ 1, 0 }, { seen:count { kind = "task", f = "write" } })
    assert.same({ 0, 0 }, { seen:count { kind = "task", project = "gamma" } })
    assert.equal(0, (seen:lost()))
  end)

  it("keeps what is too large as its size and hash", function()
    local seen = record { output = ("x"):rep(20000) }
    local op = seen:ops()()
    assert.equal(20002, op.output.bytes)
    assert.equal(16, #op.output.hash)
  end)

  it("never keeps the project's key", function()
    core.take()
    core.secret("sk-very-secret")
    core.op({}, { kind = "id", f = "check", key = "sk-very-secret", input = "Bearer sk-very-secret!" })
    local op = history.new({ { history = core.take(), project = "alpha" } }):ops()()
    assert.same({ "**************", "Bearer **************!" }, { op.key, op.input })
  end)

  it("names the nearest field of an operation and of a query", function()
    assert.equal("outptu", core.op({}, { kind = "id", f = "read", outptu = 1 }))
    local ok, message = pcall(function()
      record({}):unique_ids { knid = "id" }
    end)
    assert.is_false(ok)
    assert.matches("did you mean 'kind'", message)
  end)

  it("refuses operations that cannot be", function()
    for problem, op in pairs {
      ["kind and f are needed"] = { f = "read" },
      ["cannot have ended before it started"] = { kind = "id", f = "read", started = 2, ended = 1 },
      ["kind must be a string"] = { kind = 1, f = "read" },
      ["is a function"] = { kind = "id", f = "read", output = { print } },
    } do
      local ok, message = pcall(core.op, {}, op)
      assert.is_false(ok)
      assert.matches(problem, message)
    end
  end)
end)

describe("unique_ids", function()
  it("passes where all differ, and names both requests where not", function()
    assert.same({ "pass", "3 different of 3 ids" }, (function()
      local found = record({ output = { "US-001", "US-002" } }, { project = "beta", output = "US-003" }):unique_ids()
      return { found.verdict, found.observed }
    end)())
    local found = record({ key = "US", output = { "US-001", "US-002" } },
      { project = "beta", key = "US", output = "US-002", replica = "b" }):unique_ids { key = "US" }
    assert.equal("fail", found.verdict)
    assert.equal("2 different of 3 ids", found.observed)
    assert.equal("US-002 was given out twice: alpha, phase main, user 1, iteration 1, allocate id US, 1.000000 s to "
      .. "1.500000 s; and beta, phase main, user 1, iteration 1, allocate id US on replica b, 2.000000 s to 2.500000 s",
      texts(found))
  end)

  it("lets projects have the same ids where each has a sequence of its own", function()
    local seen = record({ output = "US-001" }, { project = "beta", output = "US-001" })
    assert.equal("fail", seen:unique_ids().verdict)
    assert.equal("pass", seen:unique_ids({ scope = "project" }).verdict)
  end)

  it("passes on nothing neither, nor on what failed", function()
    assert.equal("inconclusive", record():unique_ids().verdict)
    assert.equal("inconclusive", record({ output = "US-001", error = "timeout" }):unique_ids().verdict)
  end)
end)

describe("sequence", function()
  it("finds missing, extra and repeated ids", function()
    local range = { first = "US-001", last = "US-003" }
    assert.equal("pass", record({ output = { "US-002", "US-001" } }, { output = "US-003" }):sequence(range).verdict)
    local found = record({ output = { "US-001", "US-001", "US-004", "EPIC-002" } }):sequence(range)
    assert.same({ "fail", "1 of 3, 2 missing, 2 extra, 1 repeated" }, { found.verdict, found.observed })
    assert.matches("US%-002 is missing", texts(found))
    assert.matches("US%-004 is extra: alpha", texts(found))
    assert.matches("EPIC%-002 is extra", texts(found))
    assert.matches("US%-001 is repeated", texts(found))
    assert.equal("inconclusive", record():sequence(range).verdict)
  end)
end)

describe("real_time_order", function()
  it("lets concurrent allocations come in any order", function()
    local found = record({ key = "US", output = "US-002", started = 1, ended = 4 },
      { project = "beta", key = "US", output = "US-001", started = 2, ended = 3 },
      { key = "US", output = "US-003", started = 5, ended = 6 }):real_time_order()
    assert.same({ "pass", "0 of 1 allocations out of order" }, { found.verdict, found.observed })
  end)

  it("finds a smaller id that was given out after a larger one", function()
    local found = record({ key = "US", output = { "US-005", "US-006" }, started = 1, ended = 2 },
      { project = "beta", key = "US", output = "US-003", started = 2.1, ended = 3 }):real_time_order()
    assert.equal("fail", found.verdict)
    assert.matches("US%-003 was given out although a larger id had been before: alpha.*; and then beta", texts(found))
  end)

  it("keeps types apart, and projects where each has its own sequence", function()
    local seen = record({ key = "US", output = "US-009" }, { key = "EPIC", output = "EPIC-001" },
      { project = "beta", key = "US", output = "US-001" })
    assert.equal("fail", seen:real_time_order().verdict)
    assert.equal("inconclusive", seen:real_time_order({ scope = "project" }).verdict)
  end)
end)

describe("foreign_markers", function()
  local markers = { alpha = "taint-aaaa", beta = "taint-bbbb" }

  it("finds another project's marker, and wants to see its own", function()
    local right = record({ f = "read", output = "it has taint-aaaa" },
      { project = "beta", f = "read", output = { x = "taint-bbbb" } })
    local found = right:foreign_markers(markers)
    assert.same({ "pass", "0 foreign markers in 2 outputs, 2 controls held" }, { found.verdict, found.observed })
    assert.equal("inconclusive", record({ output = "nothing" }):foreign_markers(markers).verdict)
    found = record({ f = "read", key = "T", output = "a taint-taint-bbbb" }):foreign_markers(markers)
    assert.equal("fail", found.verdict)
    assert.matches("alpha was sent beta's marker: alpha.*read id T", texts(found))
  end)

  it("searches for markers that have nothing in common", function()
    local found = record({ output = "zz" }, { output = "abc" }):foreign_markers { alpha = "abc", beta = "zz" }
    assert.same({ "fail", "1 foreign markers in 2 outputs, 1 controls held" }, { found.verdict, found.observed })
  end)
end)

describe("read_your_writes", function()
  local function write(value, more)
    local op = { kind = "artifact", f = "write", key = "EPIC-001", input = value }
    for key, one in pairs(more or {}) do
      op[key] = one
    end
    return op
  end

  local function read(value, more)
    local op = write(nil, more)
    op.f, op.output = "read", value
    return op
  end

  it("passes where reads see the last write, or one that overlaps", function()
    local found = record(write "a", read "a", write("b", { started = 10, ended = 20 }),
      read("b", { started = 12, ended = 13 }), read("a", { started = 14, ended = 15 }),
      read("b", { started = 21, ended = 22 })):read_your_writes()
    assert.same({ "pass", "0 of 4 reads missed a write" }, { found.verdict, found.observed })
  end)

  it("finds stale reads, reads of nothing and of values that nobody wrote", function()
    local found = record(write "a", write "b", read("a", { replica = "b" }), read(json.null), read("c"),
      read(nil, { error = "http 404" })):read_your_writes()
    assert.same({ "fail", "4 of 4 reads missed a write" }, { found.verdict, found.observed })
    assert.matches("EPIC%-001 returned an older value: .*on replica b.*written before: .*2%.000000 s", texts(found))
    assert.matches("returned nothing", texts(found))
    assert.matches("returned a value that nobody has written", texts(found))
  end)

  it("accepts a write of which nobody knows whether it happened, and none that was refused", function()
    assert.equal("pass", record(write("x", { error = "timeout" }), write "a", read "x"):read_your_writes().verdict)
    assert.equal("fail", record(write("x", { error = "http 403" }), write "a", read "x"):read_your_writes().verdict)
  end)

  it("keeps projects apart, and users where asked", function()
    assert.equal("inconclusive",
      record(write "a", read(json.null, { project = "beta" })):read_your_writes().verdict)
    local seen = record(write "a", read(json.null, { user = 2 }))
    assert.equal("fail", seen:read_your_writes().verdict)
    assert.equal("inconclusive", seen:read_your_writes({ session = "user" }).verdict)
  end)
end)

describe("lost_writes", function()
  it("finds what was acknowledged and is not there", function()
    local seen = record({ kind = "task", f = "add", output = { "T-1", "T-2" } },
      { kind = "task", f = "write", key = "T-1", input = "completed" },
      { kind = "task", f = "add", output = { "T-3" }, error = "timeout" })
    assert.equal("pass", seen:lost_writes({ found = { "T-1", "T-2" } }).verdict)
    local found = seen:lost_writes { found = { "T-1" } }
    assert.same({ "fail", "1 of 3 acknowledged writes lost" }, { found.verdict, found.observed })
    assert.matches("T%-2 was acknowledged and is not there: alpha", texts(found))
  end)

  it("compares the last value where it is known", function()
    local seen = record({ kind = "task", f = "write", key = "T-1", input = "in_progress" },
      { kind = "task", f = "write", key = "T-1", input = "completed" })
    local right = seen:lost_writes { found = { { key = "T-1", project = "alpha", value = "completed" } } }
    assert.equal("pass", right.verdict)
    local found = seen:lost_writes { found = { { key = "T-1", value = "in_progress" } } }
    assert.equal("fail", found.verdict)
    assert.matches('T%-1 does not hold what was written last, but "in_progress"', texts(found))
    assert.equal("fail", seen:lost_writes({ found = { { key = "T-1", project = "beta" } } }).verdict)
  end)
end)

describe("the timeline", function()
  it("has exact percentiles for each project and interval", function()
    local ops = {}
    for i = 1, 100 do
      ops[i] = { started = 10 + i / 1000, ended = 10 + i / 1000 + i / 1000, error = i <= 3 and "timeout" or nil }
    end
    ops[101] = { project = "beta", started = 12.5, ended = 12.75 }
    local timeline = record(table.unpack(ops)):timeline { interval = 1 }
    local alpha, beta = timeline.projects.alpha, timeline.projects.beta
    assert.same({ { 100 }, { 3 } }, { alpha.count, alpha.failed })
    assert.near(0.05, alpha.p50[1], 1e-6)
    assert.near(0.095, alpha.p95[1], 1e-6)
    assert.near(0.1, alpha.max[1], 1e-6)
    assert.same({ 0, 0, 1 }, beta.count)
    assert.equal(0.25, beta.p50[3])
  end)
end)

describe("a history's file", function()
  local path = fs.mkdtemp("scalerun-history-") .. "/history.jsonl.zst"

  it("gives the same history", function()
    local seen = record({ key = "US", output = { "US-001" } },
      { project = "beta", kind = "task", f = "write", key = "T", input = { deep = { 1, "é" } }, error = "timeout" })
    for _, scenario in ipairs { "S1", "S2" } do
      local file = assert(core.append(path))
      assert(seen.set:write(file, scenario))
      assert(file:finish())
    end
    local parts = {}
    for _, part in ipairs(assert(core.read(path))) do
      if part.scenario == "S2" then
        parts[#parts + 1] = part
      end
    end
    local loaded = history.new(parts)
    local one, other = seen:ops(), loaded:ops()
    for _ = 1, 2 do
      assert.same(one(), other())
    end
    assert.is_nil(other())
  end)

  it("says what is wrong with it", function()
    fs.write(path, "no history")
    local parts, err = core.read(path)
    assert.is_nil(parts)
    assert.matches("history.jsonl.zst' is damaged", err.message)
    local file = assert(core.append(path .. "2"))
    assert(file:write('{"kind":"id"}\n'))
    assert(file:finish())
    assert.matches("a line is no operation: {", select(2, core.read(path .. "2")).message)
  end)
end)

describe("the export for elle-cli", function()
  local path = fs.mkdtemp("scalerun-elle-") .. "/history.json"

  it("makes pairs of reads and writes, with a process of its own after a time-out", function()
    local seen = record({ kind = "artifact", f = "write", key = "E", input = "h1", started = 1, ended = 2 },
      { kind = "artifact", f = "write", key = "E", input = "h2", started = 3, ended = 4, error = "timeout" },
      { kind = "artifact", f = "read", key = "E", output = "h1", started = 5, ended = 6 },
      { kind = "artifact", f = "write", key = "E", input = "h3", started = 5.5, ended = 5.75, error = "http 400" },
      { kind = "id", f = "allocate", output = "US-001" })
    assert.equal(4, seen:export_elle(path, "register"))
    local list = {}
    for index, event in ipairs(json.decode(fs.read(path))) do
      assert.equal(index - 1, event.index)
      list[index] = { event.type, event.f, event.process, event.time, event.value }
    end
    local w, r = { "w", "alpha artifact E", "h1" }, { "r", "alpha artifact E", "h1" }
    local w2, w3 = { "w", w[2], "h2" }, { "w", w[2], "h3" }
    assert.same({
      { "invoke", "txn", 0, 1000000000, { w } },
      { "ok", "txn", 0, 2000000000, { w } },
      { "invoke", "txn", 0, 3000000000, { w2 } },
      { "info", "txn", 0, 4000000000, { w2 } },
      { "invoke", "txn", 1, 5000000000, { { "r", w[2], json.null } } },
      { "invoke", "txn", 2, 5500000000, { w3 } },
      { "fail", "txn", 2, 5750000000, { w3 } },
      { "ok", "txn", 1, 6000000000, { r } },
    }, list)
  end)

  it("makes increments of allocations", function()
    assert.equal(1, record({ output = { "US-001", "US-002" } }, { f = "check" }):export_elle(path, "counter"))
    local events = json.decode(fs.read(path))
    assert.same({ "add", 2, "ok" }, { events[1].f, events[1].value, events[2].type })
  end)
end)
