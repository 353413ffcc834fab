local agree = require("scalerun.witness.agree").judge
local coverage = require "scalerun.witness.coverage"
local json = require "scalerun.json"
local metrics = require "scalerun.witness.metrics"
local plan = require "scalerun.witness.plan"
local redis_info = require "scalerun.witness.redis_info"
local series = require "scalerun.witness.series"
local tracks = require "scalerun.witness.tracks"
local witness = require "scalerun.witness.declaration"

describe("two witnesses", function()
  local function found(a, b, tolerance)
    return agree {
      name = "reservations",
      a = { source = "the clients", value = a },
      b = { source = "PostgreSQL", value = b },
      tolerance = tolerance,
    }
  end

  it("agree when they say the same, or within the tolerance", function()
    assert.equal("pass", found(50, 50).verdict)
    assert.equal("pass", found(50, 53, 3).verdict)
    assert.equal("pass", found(100, 95, "5%").verdict)
    assert.equal("pass", found("a", "a").verdict)
    assert.equal("pass", found(0, 0, "5%").verdict)
  end)

  it("disagree in words that name both, what each saw, and the tolerance", function()
    local result = found(50, 54, 3)
    assert.equal("fail", result.verdict)
    assert.equal("reservations: 50 by the clients, 54 by PostgreSQL", result.observed)
    assert.equal("no more than 3 apart", result.expected)
    assert.equal("PostgreSQL: 54 of reservations", result.evidence[2].text)
    assert.equal("fail", found(100, 94, "5%").verdict)
    assert.equal("fail", found(1, 2).verdict)
    assert.equal("fail", found("a", "b").verdict)
    assert.equal("fail", found(0 / 0, 1, 5).verdict)
  end)

  it("decide nothing when one saw nothing", function()
    assert.equal("inconclusive", found(nil, 54).verdict)
    assert.equal("inconclusive", found(50, nil).verdict)
    assert.matches("nothing by PostgreSQL", found(50, nil).observed)
  end)

  it("say why one saw nothing", function()
    local told = agree {
      name = "requests",
      a = { source = "clients", value = 3, missing = "of no interest" },
      b = { source = "target", missing = "give --replica-urls" },
    }
    assert.same({ "inconclusive", "requests: 3 by clients, nothing by target (give --replica-urls)" },
      { told.verdict, told.observed })
  end)

  it("must be named", function()
    assert.error_matches(function()
      agree { name = "x", a = { value = 1 }, b = { source = "b", value = 1 } }
    end, "a needs a source")
    assert.error_matches(function()
      agree { name = "x", a = { source = "a", value = 1 } }
    end, "b is missing")
    assert.error_matches(function()
      agree { name = "x", tolerence = 1 }
    end, "did you mean 'tolerance'")
    assert.error_matches(function()
      found(1, 1, "5")
    end, "a share such as")
    assert.error_matches(function()
      found(1, 1, -1)
    end, "a share such as")
  end)
end)

describe("what replicas counted", function()
  local function of(...)
    local samples = {}
    for index, name in ipairs { ... } do
      samples[index] = { name = "requests", labels = { replica = name or nil }, value = 1 }
    end
    return metrics.new(samples, {})
  end

  it("stands beside what clients counted where all that answered were read", function()
    assert.is_nil(coverage.problem(of("a", "b"), { "a", "b" }))
    assert.is_nil(coverage.problem(of("a", "b"), {}))
    assert.is_nil(coverage.problem(of(false), { "a" })) -- nobody says who it is
    assert.is_nil(coverage.problem(nil, { "a" }))
  end)

  it("does not where another replica answered, too", function()
    assert.matches("^several replicas answered.*%-%-replica%-urls", coverage.problem(of(false), { "a", "b" }))
    assert.matches("^replica b answered too.*%-%-replica%-urls", coverage.problem(of "a", { "a", "b" }))
  end)
end)

describe("Redis's INFO", function()
  it("is read", function()
    local info = redis_info.parse("# Server\r\nredis_version:7.0.15\r\nused_memory:1014048\r\nratio:1.50\r\n"
      .. "used_memory_human:990.28K\r\nrdb_last_bgsave_status:ok\r\nempty:\r\n\r\n# Keyspace\r\n"
      .. "db0:keys=3,expires=1,avg_ttl=0\r\nconfig_file:/tmp/a:b=c\r\n")
    assert.equal("7.0.15", info.redis_version)
    assert.equal(1014048, info.used_memory)
    assert.equal(1.5, info.ratio)
    assert.equal("990.28K", info.used_memory_human)
    assert.equal("", info.empty)
    assert.same({ keys = 3, expires = 1, avg_ttl = 0 }, info.db0)
    assert.equal("/tmp/a:b=c", info.config_file)
  end)

  it("may be anything", function()
    assert.same({}, redis_info.parse "")
    assert.same({}, redis_info.parse "-ERR unknown\n\n:no name\n#x:1")
    assert.same({ a = "b=,c" }, redis_info.parse "a:b=,c")
  end)
end)

describe("a plan", function()
  local text = [=[[{"Plan": {"Node Type": "Limit", "Total Cost": 8.3, "Plan Rows": 1, "Plans": [
    {"Node Type": "Hash Join", "Plans": [
      {"Node Type": "Index Scan", "Index Name": "tasks_pkey", "Relation Name": "tasks"},
      {"Node Type": "Bitmap Heap Scan", "Relation Name": "tasks", "Plans": [
        {"Node Type": "Bitmap Index Scan", "Index Name": "tasks_status"},
        {"Node Type": "Bitmap Index Scan", "Index Name": "tasks_pkey"}]},
      {"Node Type": "Seq Scan", "Relation Name": "projects"}]}]}}]]=]

  it("says which indexes it uses and what it reads from end to end", function()
    local found = plan.read(json.decode(text))
    assert.same({ "tasks_pkey", "tasks_status" }, found.indexes)
    assert.same({ "projects" }, found.sequential)
    assert.is_true(found:uses "tasks_pkey")
    assert.is_false(found:uses "tasks_other")
    assert.is_true(found:uses())
    assert.is_true(found:scans "projects")
    assert.is_false(found:scans "tasks")
    assert.equal(8.3, found.cost)
  end)

  it("is nothing else", function()
    for _, other in ipairs { "{}", "[]", "[1]", '[{"Plan": 1}]', '"x"' } do
      assert.is_nil(plan.read(json.decode(other)), other)
    end
  end)

  it("may be as deep as it likes", function()
    local node = { ["Node Type"] = "Seq Scan", ["Relation Name"] = "deepest" }
    for _ = 1, 100000 do
      node = { ["Node Type"] = "Limit", Plans = { node } }
    end
    assert.same({}, plan.read({ { Plan = node } }).sequential)
  end)
end)

describe("a series", function()
  it("has points from the first phase on, and what they come to", function()
    local seen = tracks.new()
    for index, value in ipairs { 3, 5, 4 } do
      seen:add("database", 100 + index, "connections", value)
    end
    seen:add("database", 104, "connections", nil)
    seen:add("database", 104, "connections", 0 / 0)
    local made = series.of(seen:columns()[1], 102)
    assert.same({ { -1, 3 }, { 0, 5 }, { 1, 4 } }, made.points)
    assert.same({ 5, 3, 4, 4 }, { made.max, made.min, made.mean, made.last })
    assert.equal("database", made.source)
  end)

  it("tells what was seen of it in a part of the time", function()
    local one = { name = "connections", source = "database", points = { { -1, 9 }, { 0, 3 }, { 1, 5 }, { 2, 7 } } }
    local part = series.within(one, 0, 1.5)
    assert.same({ { 0, 3 }, { 1, 5 } }, part.points)
    assert.same({ 5, 3, 4, 5 }, { part.max, part.min, part.mean, part.last })
    assert.is_nil(series.within(one, 3, 4).max)
  end)

  it("stays bounded and keeps its extremes", function()
    local seen = tracks.new(64)
    for index = 1, 10000 do
      seen:add("database", index, "connections", index == 7001 and 99 or index % 10)
    end
    local track = seen:columns()[1]
    assert.is_true(#track.t < 64 and #track.t > 16)
    assert.equal(99, track.max)
    local step = track.t[2] - track.t[1]
    for index = 2, #track.t do
      assert.equal(step, track.t[index] - track.t[index - 1])
    end
  end)

  it("that nobody saw has no numbers", function()
    local absent = series.find({}, "pool used")
    assert.same({}, absent.points)
    assert.is_nil(absent.max)
    assert.is_nil(series.find({}, "requests a").last)
  end)

  it("must have a name that can be", function()
    assert.error_matches(function()
      series.find({}, "conections")
    end, "did you mean 'connections'")
    assert.error_matches(function()
      series.find({}, nil)
    end, "no witness sees 'nil'")
  end)
end)

describe("a scenario's witnesses", function()
  it("are all that can be reached, unless named", function()
    assert.same({ rate = 2, sources = witness.SOURCES, named = false }, witness.read("s", nil))
    assert.same({ rate = 2, sources = witness.SOURCES, named = false }, witness.read("s", true))
    assert.same({ rate = 5, sources = { "cache" }, named = true }, witness.read("s", { rate = 5, "cache" }))
    assert.is_nil(witness.read("s", false))
  end)

  it("are refused when they cannot be", function()
    local refused = {
      ["did you mean 'database'"] = { "databse" },
      ["did you mean 'rate'"] = { rates = 5 },
      ["rate must be above 0 and at most 50"] = { rate = 0 },
      ["at most 50 a second, not 51"] = { rate = 51 },
      ["must be number"] = { rate = "5" },
      ["must be a string"] = { 5 },
    }
    for expected, given in pairs(refused) do
      local ok, err = pcall(witness.read, "s", given)
      assert.is_false(ok)
      assert.matches(expected, err.message)
    end
  end)
end)
