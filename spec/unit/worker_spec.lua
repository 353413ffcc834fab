local worker = require "scalerun.worker"

-- A user's part of a project thread, with the host's `next` in the spec's hands.
describe("a user", function()
  local path

  before_each(function()
    path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write [[
local scale = require "scalerun"
return scale.scenario {
  id = "W",
  load = { executor = "per-project-iterations", iterations = 1 },
  iteration = function(project)
    if project.iteration == 2 then error("no luck") end
    if project.iteration == 3 then error(setmetatable({ kind = "timeout", operation = "x", message = "slow" }, {})) end
  end,
}]]
    file:close()
  end)

  after_each(function()
    os.remove(path)
  end)

  -- What each call of next was given, after iterations of these numbers.
  local function calls(project, seed, think, numbers, muted)
    local given = {}
    assert.same({}, worker.open { script = path, project = { id = project }, shared = { seed = seed } })
    worker.begin { index = 1, think = think }
    worker.user(function(failure, pause)
      given[#given + 1] = { failure = failure, think = pause }
      return numbers[#given], muted
    end, 1)
    return given, worker.collect()
  end

  it("thinks after each iteration, by seed, project and iteration alone", function()
    local pause = { distribution = "uniform", min = 0.0, max = 1.0 }
    local first = calls("alpha", 42, pause, { 1, 4, 5 })
    assert.is_nil(first[1].think)
    assert.equal(4, #first)
    local swapped = calls("alpha", 42, pause, { 5, 1 })
    assert.equal(first[4].think, swapped[2].think)
    assert.equal(first[2].think, swapped[3].think)
    assert.not_equal(first[2].think, first[3].think)
    assert.not_equal(first[2].think, calls("beta", 42, pause, { 1 })[2].think)
    assert.not_equal(first[2].think, calls("alpha", 43, pause, { 1 })[2].think)
    assert.is_nil(calls("alpha", 42, nil, { 1 })[2].think)
  end)

  it("tells the kind of a failure, and keeps the error", function()
    local given, answer = calls("alpha", 42, nil, { 1, 2, 3 })
    assert.same({ nil, nil, "script", "timeout" }, { given[1].failure, given[2].failure, given[3].failure,
      given[4].failure })
    assert.equal(2, answer.error_count)
    assert.same({ 2, 3 }, { answer.errors[1].iteration, answer.errors[2].iteration })
  end)

  it("keeps mistakes of the script from the warm-up, but no failed operation", function()
    local given, answer = calls("alpha", 42, nil, { 2, 3 }, true)
    assert.same({ "script", "timeout" }, { given[2].failure, given[3].failure })
    assert.equal(1, answer.error_count)
    assert.equal("script", answer.errors[1].kind)
  end)
end)
