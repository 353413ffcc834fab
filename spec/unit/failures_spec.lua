local failures = require "scalerun.judge.failures"

describe("failures", function()
  local function project(id, failed, ...)
    return { id = id, failed = failed, errors = { ... } }
  end

  it("tells failed operations from mistakes of the script", function()
    local operational, mistakes, failed = failures.sort {
      project("alpha", 1, { kind = "timeout", operation = "ids.reserve", message = "no answer in 5 s", iteration = 3 }),
      project("beta", 2, { message = "s.lua:3: attempt to index nil", traceback = "stack…", iteration = 1 },
        { kind = "invalid", operation = "http.get", message = "url must be a string" }),
    }
    assert.equal(1, #operational)
    assert.equal("alpha, iteration 3: ids.reserve: no answer in 5 s", operational[1].text)
    assert.equal(2, #mistakes)
    assert.same({ "beta", "stack…" }, { mistakes[1].project, mistakes[1].traceback })
    assert.equal(3, failed)
  end)

  it("counts failures whose errors were not kept", function()
    local err = { kind = "connect", operation = "http.get", message = "refused" }
    local _, _, failed = failures.sort { project("alpha", 700, err) }
    assert.equal(700, failed)
  end)

  it("does not count cancelled iterations", function()
    local operational, mistakes, failed =
      failures.sort { project("alpha", 1, { kind = "cancel", operation = "time.sleep", message = "cancelled" }) }
    assert.same({ 0, 0, 0 }, { #operational, #mistakes, failed })
  end)
end)
