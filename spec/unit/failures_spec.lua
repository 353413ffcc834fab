local failures = require "scalerun.judge.failures"

describe("failures", function()
  local function project(id, failed, ...)
    return { id = id, failed = failed, errors = { ... } }
  end

  it("tells failed operations from mistakes of the script", function()
    local sorted = failures.sort {
      project("alpha", 1, { kind = "timeout", operation = "ids.reserve", message = "no answer in 5 s", iteration = 3 }),
      project("beta", 2, { message = "s.lua:3: attempt to index nil", traceback = "stack…", iteration = 1 },
        { kind = "invalid", operation = "http.get", message = "url must be a string" }),
    }
    assert.equal(1, #sorted.operational)
    assert.equal("alpha, iteration 3: ids.reserve: no answer in 5 s", sorted.operational[1].text)
    assert.equal(2, #sorted.mistakes)
    assert.same({ "beta", "stack…" }, { sorted.mistakes[1].project, sorted.mistakes[1].traceback })
    assert.equal(3, sorted.failed)
  end)

  it("counts failures whose errors were not kept", function()
    local err = { kind = "connect", operation = "http.get", message = "refused" }
    assert.equal(700, failures.sort({ project("alpha", 700, err) }).failed)
  end)

  it("does not count cancelled iterations", function()
    local err = { kind = "cancel", operation = "time.sleep", message = "cancelled" }
    local sorted = failures.sort { project("alpha", 1, err) }
    assert.same({ 0, 0, 0 }, { #sorted.operational, #sorted.mistakes, sorted.failed })
  end)

  it("says once what the run was not given", function()
    local err = { kind = "missing", operation = "project.db", message = "this run has none: give --database DSN" }
    local sorted = failures.sort { project("alpha", 2, err, err), project("beta", 1, err) }
    assert.same({ 0, 0 }, { #sorted.operational, #sorted.mistakes })
    assert.equal(1, #sorted.missing)
    assert.equal("project.db: this run has none: give --database DSN", sorted.missing[1])
  end)

  it("does not blame a target for its rate limit", function()
    local err = { kind = "http 429", operation = "ids.reserve", message = "POST /ids/reserve answered 429" }
    local sorted = failures.sort { project("alpha", 1, err) }
    assert.same({ 0, 0 }, { #sorted.operational, #sorted.mistakes })
    assert.same({ "alpha: ids.reserve: POST /ids/reserve answered 429" }, sorted.limited)
  end)
end)
