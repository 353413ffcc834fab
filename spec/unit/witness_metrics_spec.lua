local changes = require "scalerun.witness.changes"
local metrics = require "scalerun.witness.metrics"
local prometheus = require "scalerun.witness.prometheus"

local function read(text, replica)
  local found = assert(prometheus.parse(text))
  for _, sample in ipairs(found.samples) do
    sample.labels.replica = replica
  end
  return metrics.new(found.samples, found.types)
end

describe("a target's metrics", function()
  local seen = read [[
# TYPE hits_total counter
hits_total{type="template",replica="a"} 3
hits_total{type="pattern",replica="a"} 4
hits_total{type="pattern",replica="b"} 5
# TYPE used gauge
used 7
# TYPE took_seconds histogram
took_seconds_bucket{route="/a",le="0.1"} 2
took_seconds_bucket{route="/a",le="0.2"} 8
took_seconds_bucket{route="/a",le="+Inf"} 10
took_seconds_sum{route="/a"} 1.5
took_seconds_count{route="/a"} 10
took_seconds_bucket{route="/b",le="0.1"} 0
took_seconds_bucket{route="/b",le="0.2"} 0
took_seconds_bucket{route="/b",le="+Inf"} 0
took_seconds_sum{route="/b"} 0
took_seconds_count{route="/b"} 0
odd_bucket{route="/a",le="0.1"} 1
odd_bucket{route="/b",le="0.2"} 1
odd_count 2
odd_sum 2]]

  it("give one value, sums and maxima by labels", function()
    assert.equal(7, seen:get "used")
    assert.equal(3, seen:get("hits_total", { type = "template" }))
    assert.equal(12, seen:sum "hits_total")
    assert.equal(9, seen:sum("hits_total", { type = "pattern" }))
    assert.equal(5, seen:max "hits_total")
  end)

  it("give nothing for what is not there", function()
    assert.is_nil(seen:get "absent")
    assert.is_nil(seen:sum("hits_total", { type = "absent" }))
    assert.is_nil(seen:max "absent")
    assert.is_nil(seen:histogram "absent")
  end)

  it("do not choose among several", function()
    local ok, err = pcall(seen.get, seen, "hits_total", { type = "pattern" })
    assert.is_false(ok)
    assert.equal("invalid", err.kind)
    assert.matches("2 series are called hits_total", err.message)
  end)

  it("give histograms with their quantiles", function()
    local all = seen:histogram "took_seconds"
    assert.equal(10, all.count)
    assert.equal(0.15, all.mean)
    assert.same({ { le = 0.1, count = 2 }, { le = 0.2, count = 8 }, { le = math.huge, count = 10 } }, all.buckets)
    assert.near(0.15, all:quantile(0.5), 1e-9)
    assert.near(0.05, all:quantile(0.1), 1e-9)
    assert.equal(0.2, all:quantile(0.95))
    local none = seen:histogram("took_seconds", { route = "/b" })
    assert.is_nil(none.mean)
    assert.is_nil(none:quantile(0.5))
  end)

  it("do not add histograms with other bounds", function()
    assert.is_nil(seen:histogram "odd")
  end)

  it("know what only grows", function()
    local types = { a = "counter", g_total = "gauge", h = "histogram", s = "summary", c_count = "gauge" }
    for _, name in ipairs { "a", "h_bucket", "h_sum", "h_count", "s_sum", "s_count", "untold_total" } do
      assert.is_true(metrics.is_cumulative(name, types), name)
    end
    for _, name in ipairs { "g_total", "s", "c_count", "untold" } do
      assert.is_false(metrics.is_cumulative(name, types), name)
    end
  end)
end)

describe("the change of metrics", function()
  local function at(count, uptime, replica)
    return read(("# TYPE n_total counter\nn_total %s\nuptime_seconds %s\n# TYPE level gauge\nlevel %s"):format(count,
      uptime, count), replica or "a")
  end

  it("is the increase of counters, and the level of gauges", function()
    local change = at(15, 20):since(at(10, 10))
    assert.equal(5, change:get "n_total")
    assert.equal(15, change:get "level")
  end)

  it("survives a restart that shows in the counter", function()
    local change = at(4, 2):since(at(10, 10))
    assert.equal(4, change:get "n_total")
  end)

  it("survives a restart after which the counter has overtaken its old value", function()
    local change = at(12, 2):since(at(10, 10))
    assert.equal(12, change:get "n_total")
  end)

  it("keeps what was counted before a restart, when somebody looked", function()
    local changed = changes.new()
    for _, look in ipairs { { 10, 10 }, { 25, 11 }, { 3, 1 }, { 4, 2 } } do
      changed:add(at(look[1], look[2]))
    end
    assert.equal(19, changed:metrics():get "n_total")
    assert.equal(1, changed.restarts)
  end)

  it("is each replica's own, also of one that is gone or comes later", function()
    local changed = changes.new()
    local function look(a, b)
      local samples = {}
      for _, one in ipairs { a or false, b or false } do
        if one then
          table.move(one.samples, 1, #one.samples, #samples + 1, samples)
        end
      end
      changed:add(metrics.new(samples, { n_total = "counter" }))
    end
    look(at(10, 10), nil)
    look(at(11, 11), at(100, 5, "b"))
    look(nil, at(107, 6, "b"))
    assert.equal(8, changed:metrics():sum "n_total")
    assert.equal(7, changed:metrics():get("n_total", { replica = "b" }))
  end)

  it("counts a series that appears later from nothing", function()
    local before = read("uptime_seconds 1\n# TYPE n_total counter\nn_total{k=\"x\"} 1", "a")
    local after = read("uptime_seconds 2\n# TYPE n_total counter\nn_total{k=\"x\"} 1\nn_total{k=\"y\"} 3", "a")
    assert.equal(3, after:since(before):sum "n_total")
  end)

  it("passes over what is no number", function()
    assert.equal(0, at("NaN", 20):since(at(10, 10)):get "n_total")
  end)
end)
