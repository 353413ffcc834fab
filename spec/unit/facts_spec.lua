local matrix = require "scalerun.matrix"
local facts = require "scalerun.run.facts"

describe("a fact", function()
  it("stands in the row", function()
    local row = {}
    facts.add(row, "isolation", "pass", 1)
    facts.add(row, "id_collisions", 0, 1)
    facts.add(row, "connections", { most = 14, limit = 30 }, 1)
    facts.add(row, "cache_hit_rate", nil, 1)
    assert.same({ isolation = "pass", id_collisions = 0, connections = { most = 14, limit = 30 } }, row.facts)
  end)

  local wrong = {
    isolaton = { "pass", "did you mean 'isolation'" },
    isolation = { true, 'isolation is "pass"' },
    id_collisions = { 1.5, "a whole number" },
    cache_hit_rate = { 96.7, "from 0 to 1" },
    degradation = { { low = 1 }, "ratio =" },
    connections = { { most = 3, lmit = 5 }, "most =" },
    replica_shares = { {}, "share" },
  }
  for name, one in pairs(wrong) do
    it(("must be one: %s"):format(name), function()
      assert.error_matches(function()
        facts.add({}, name, one[1], 1)
      end, one[2])
    end)
  end
end)

describe("a matrix", function()
  it("stands in the row", function()
    local row = {}
    local given = { rows = { "a" }, columns = { "a", "b" }, cells = { { { attempts = 1 }, { attempts = 2 } } } }
    facts.add_matrix(row, "probes", given, 1)
    assert.equal("probes", row.matrices[1].name)
    assert.equal(2, row.matrices[1].cells[1][2].attempts)
  end)

  it("counts who did what to whom", function()
    local probes = matrix.new({ "a", "b" }, { "x" })
    probes:count("a", "x", 0)
    probes:count("a", "x", 1)
    probes:count("b", "x", 2, 0)
    assert.same({ { { attempts = 2, leaks = 1 } }, { { attempts = 0, leaks = 2 } } }, probes.cells)
    local row = {}
    facts.add_matrix(row, "probes", probes, 1)
    assert.same({ "x" }, row.matrices[1].columns)
    assert.error_matches(function()
      probes:count("a", "c", 1)
    end, "no cell for a and c")
    assert.error_matches(function()
      matrix.new "a"
    end, "a list of names")
  end)

  it("has a cell for each pair", function()
    for _, given in ipairs {
      { rows = { "a" }, columns = { "a", "b" }, cells = { { {} } } },
      { rows = { "a", "b" }, columns = { "a" }, cells = { { {} } } },
      { rows = {}, columns = { "a" }, cells = {} },
      { rows = { 1 }, columns = { "a" }, cells = { { {} } } },
      "probes",
    } do
      assert.error_matches(function()
        facts.add_matrix({}, "probes", given, 1)
      end, "run:matrix%(name")
    end
  end)
end)
