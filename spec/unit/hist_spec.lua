local hist = require "scalerun.core.hist"
local metrics = require "scalerun.core.metrics"

describe("a histogram", function()
  it("goes through its text and comes back with the same cells", function()
    local made = hist.new()
    for ms = 1, 1000 do
      made:record(ms / 1000)
    end
    made:record(7, 5)
    local text = made:encode()
    assert.matches("^HISTFA", text)
    local back = assert(hist.new():add(text))
    assert.equal(1005, back:count())
    assert.same(made:cells(), back:cells())
    assert.equal(text, back:encode())
    assert.near(0.503, back:percentile(50), 0.001)
    assert.near(made:mean(), back:mean(), 0.001)
    assert.near(0.001, back:min(), 0.000001)
    assert.near(7, back:max(), 0.007)
  end)

  it("lists its cells, without the empty ones", function()
    local made = hist.new()
    made:record(0.001)
    made:record(0.002, 3)
    local cells = made:cells()
    assert.equal(6, #cells)
    assert.same({ 1, 3 }, { cells[3], cells[6] })
    assert.is_true(cells[1] <= 0.001 and cells[2] >= 0.001 and cells[4] <= 0.002 and cells[5] >= 0.002)
  end)

  it("adds up", function()
    local one = hist.new()
    one:record(0.01)
    assert.equal(2, hist.new():add(one:encode()):add(one:encode()):count())
  end)

  it("refuses what is no histogram, and says so", function()
    local made = hist.new()
    made:record(0.01)
    for _, text in ipairs { "", "????", "AAAA", made:encode():sub(1, -5) } do
      local nothing, err = made:add(text)
      assert.is_nil(nothing)
      assert.matches("not a histogram as scalerun writes it", err.message)
    end
    assert.equal(1, made:count())
    assert.has_error(function()
      made:record(-1)
    end)
  end)

  it("is what metrics give for a series", function()
    local mine = metrics.merge {}
    mine:record("x", 0.25)
    assert.is_nil(mine:histogram "y")
    local back = hist.new():add(mine:histogram "x")
    assert.equal(1, back:count())
    assert.near(0.25, back:percentile(50), 0.00025)
  end)
end)
