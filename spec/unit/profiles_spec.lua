local loader = require "scalerun.loader"
local profiles = require "scalerun.profiles"

describe("a profile", function()
  after_each(function()
    profiles.choose(profiles.DEFAULT)
  end)

  it("decides between two values, wherever they stand", function()
    local stages = { { rate = { quick = 1, full = 5 } } }
    local given = { duration = { quick = "1s", full = "9s" }, users = 2, stages = stages }
    assert.same({ duration = "9s", users = 2, stages = { { rate = 5 } } }, profiles.resolve(given))
    profiles.choose("quick")
    assert.same({ duration = "1s", users = 2, stages = { { rate = 1 } } }, profiles.resolve(given))
  end)

  it("leaves other tables alone", function()
    local given = { solo = { quick = 1 }, both = { quick = 1, full = 2, other = 3 } }
    assert.same(given, profiles.resolve(given))
  end)

  it("decides what a scenario declares", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write [[
      return require("scalerun").scenario {
        id = "P1",
        timeout = { quick = 10, full = 100 },
        load = { executor = "per-project-iterations", iterations = { quick = 2, full = 20 } },
        iteration = function() end,
      }
    ]]
    file:close()
    assert.same({ 100, 20 }, { loader.load(path).timeout, loader.load(path).phases[1].load.iterations })
    profiles.choose("quick")
    assert.same({ 10, 2 }, { loader.load(path).timeout, loader.load(path).phases[1].load.iterations })
    os.remove(path)
  end)
end)
