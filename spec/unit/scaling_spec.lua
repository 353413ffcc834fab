local scaling = require "scalerun.target.scaling"

describe("scaling", function()
  it("takes shares for even as far as chance goes, and decides nothing on a few requests", function()
    assert.equal("pass", scaling.shares({ "a", "b", "c" }, { 110, 95, 95 }).verdict)
    assert.equal("fail", scaling.shares({ "a", "b", "c" }, { 140, 80, 80 }).verdict)
    assert.equal("inconclusive", scaling.shares({ "a", "b", "c" }, { 9, 1, 1 }).verdict)
    assert.equal("inconclusive", scaling.shares({ "a" }, { 9 }).verdict)
    assert.matches("^a 140, b 80, c 80; by chance at p = 6.1e%-06$",
      scaling.shares({ "a", "b", "c" }, { 140, 80, 80 }).observed)
  end)

  -- Rounds whose walks take so many seconds, some a little more.
  local function rounds(through)
    local list = {}
    for index = 1, 6 do
      list[index] = { past = { 0.1, 0.1 + index / 1000, 0.1 }, through = { through, through + index / 1000, through } }
    end
    return list
  end

  local function overhead(list)
    return scaling.overhead { rounds = list, requests = 5, thinking = 0.9, limit = 1.05 }
  end

  it("tells what the way through a balancer costs", function()
    local found, text = overhead(rounds(0.11))
    assert.equal("pass", found.verdict)
    assert.equal("+1.0 % (2.00 ms a request)", text)
    assert.equal("fail", overhead(rounds(0.2)).verdict)
    local noisy = rounds(0.15)
    noisy[1].through = { 0.01, 0.01, 0.01 }
    assert.equal("inconclusive", overhead(noisy).verdict)
    assert.equal("inconclusive", overhead({}).verdict)
    assert.equal("no round has both arms", overhead({}).observed)
  end)

  it("takes connections for shared when they served many reads of several projects", function()
    assert.equal("pass", scaling.shared({ connections = 3, reads = 30, projects = 2 }).verdict)
    assert.equal("inconclusive", scaling.shared({ connections = 3, reads = 29, projects = 2 }).verdict)
    assert.equal("inconclusive", scaling.shared({ connections = 3, reads = 300, projects = 1 }).verdict)
    assert.equal("inconclusive", scaling.shared({ connections = 0, reads = 300, projects = 2 }).verdict)
  end)

  it("counts what counters have grown by", function()
    assert.equal("a 5, b 0", scaling.increase({ "a", "b" }, { a = 2.0 }, { a = 7.0 }))
  end)
end)
