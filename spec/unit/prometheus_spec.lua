local prometheus = require "scalerun.witness.prometheus"

describe("Prometheus's text format", function()
  local function one(line)
    local found, problem = prometheus.parse(line)
    assert.is_nil(problem)
    assert.equal(1, #found.samples)
    return found.samples[1]
  end

  it("is read with HELP, TYPE, escapes, timestamps and all kinds of numbers", function()
    local found = assert(prometheus.parse(table.concat({
      "# HELP http_requests_total Requests,\\nby \\\\ path.",
      "# TYPE http_requests_total counter",
      'http_requests_total{method="post",path="a\\"b\\\\c\\nd{},="} 1027 1395066363000',
      "# a comment of no kind",
      "",
      "  # TYPE temperature gauge",
      "temperature -1.5e-3\r",
      "limit +Inf",
      "floor -inf",
      "broken NaN",
      'trailing{a="1",} 3',
      '  spaced  { a = "1" , b="2" }  4  ',
      'exemplar_bucket{le="1"} 5 # {trace_id="x"} 0.5 12',
    }, "\n")))
    assert.equal("Requests,\nby \\ path.", found.help.http_requests_total)
    assert.same({ http_requests_total = "counter", temperature = "gauge" }, found.types)
    assert.same({ name = "http_requests_total", labels = { method = "post", path = 'a"b\\c\nd{},=' }, value = 1027 },
      found.samples[1])
    assert.equal("integer", math.type(found.samples[1].value))
    assert.equal(-0.0015, found.samples[2].value)
    assert.equal(math.huge, found.samples[3].value)
    assert.equal(-math.huge, found.samples[4].value)
    assert.is_true(found.samples[5].value ~= found.samples[5].value)
    assert.same({ a = "1" }, found.samples[6].labels)
    assert.same({ name = "spaced", labels = { a = "1", b = "2" }, value = 4 }, found.samples[7])
    assert.equal(5, found.samples[8].value)
  end)

  it("may be empty", function()
    assert.same({ samples = {}, types = {}, help = {} }, prometheus.parse(""))
  end)

  it("has labels of any bytes", function()
    assert.equal("\0\255ü", one('a{b="\0\255ü"} 1').labels.b)
  end)

  local hostile = {
    ["<html>"] = "line 1: no metric's name",
    ["a"] = "is no value",
    ["a 1 2 3"] = "is no value",
    ["a 1x"] = '"1x" is no value',
    ["a 1 yesterday"] = '"yesterday" is no timestamp',
    ["a infinite"] = '"infinite" is no value',
    ["1a 1"] = "no metric's name",
    ['a{b="1" 1'] = "neither , nor }",
    ['a{b="1'] = "does not end",
    ['a{b="1\\'] = "does not end",
    ['a{b="\\t"} 1'] = "unknown escape",
    ['a{b=1} 1'] = "labels are not name",
    ['a{1b="1"} 1'] = "labels are not name",
    ['a{,} 1'] = "labels are not name",
    ['a{b="1",b="2"} 1'] = "label b is there twice",
    ['a{b="1",c="2"} 1\na{c="2",b="1"} 2'] = "line 2: .* is there twice",
    ["# TYPE a counter\n# TYPE a gauge"] = "line 2: TYPE of a is there twice",
    ["# TYPE a count"] = '"count" is no type',
    ["# HELP a x\n# HELP a y"] = "HELP of a is there twice",
    ["# HELP a \\x"] = "unknown escape",
    ["# TYPE 1 counter"] = "names no metric",
  }
  for text, expected in pairs(hostile) do
    it(("refuses %q"):format(text), function()
      local found, problem = prometheus.parse(text)
      assert.is_nil(found)
      assert.matches(expected, problem)
    end)
  end

  it("is refused in a message that stays short", function()
    local _, problem = prometheus.parse(("x"):rep(1e6))
    assert.is_true(#problem < 300)
  end)
end)
