local live = require "scalerun.report.live"

local function view(projects, fields)
  local made = { scenario = "S1", phase = "load", elapsed = 2, projects = projects }
  for name, value in pairs(fields or {}) do
    made[name] = value
  end
  return made
end

local function project(id, iterations, failed, total, p95)
  return { id = id, iterations = iterations, failed = failed or 0, total = total, p95 = p95 }
end

describe("the live block", function()
  it("has a line for each project", function()
    local projects = { project("alpha", 4, 0, 4, 0.0123), project("be", 2, 1, 4), project("c", 0, 0, 4) }
    assert.same({
      "S1  load  [############------------]  2.0 s",
      "  alpha  done     4/4  2.0/s  p95 12.3 ms",
      "  be     running  2/4  1.0/s               1 failed",
      "  c      waiting  0/4  0.0/s",
    }, live.lines(view(projects), 24))
  end)

  it("shows the time where the load has one", function()
    assert.equal("S1  load  [#####-------------------]  2.0 s of 10.0 s",
      live.lines(view({ project("a", 7) }, { duration = 10 }), 24)[1])
  end)

  it("has no bar where nobody knows the end", function()
    assert.same({ "S1  load  2.0 s", "  a  running  7  3.5/s" }, live.lines(view { project("a", 7) }, 24))
  end)

  it("fits the window: those that fail or are behind are shown, the others in sum", function()
    local projects = {}
    for index = 1, 100 do
      projects[index] = project(("p%03d"):format(index), 10, index == 50 and 1 or 0, 20)
    end
    projects[70].iterations = 3
    local lines = live.lines(view(projects), 6)
    assert.equal(4, #lines)
    assert.matches("^  p050 +running +10/20 +5.0/s +1 failed$", lines[2])
    assert.matches("^  p070 +running +3/20", lines[3])
    assert.matches("^  and 98 more +980/1960 +490.0/s$", lines[4])
    assert.equal(21, #live.lines(view(projects), 200))
    assert.equal(2, #live.lines(view(projects), 1))
  end)

  it("is one line elsewhere", function()
    assert.equal("S1  load: 6/8 iterations, 1 failed", live.line(view { project("a", 4, 0, 4), project("b", 2, 1, 4) }))
    assert.equal("S1  load: 6 iterations", live.line(view { project("a", 4), project("b", 2) }))
  end)
end)
