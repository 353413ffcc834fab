-- S9 against the reference target: it passes, and finds what it is meant to find by the check that is meant to.
local acceptance = require "spec.support.acceptance"
local pg = require "scalerun.pg"
local sandbox = require "scalerun.sandbox"

local SCRIPT = "scripts/scenarios/s9_query_economy.lua"
local LISTS = { "a list of pending tasks takes as many statements for 100 rows as for 1",
  "a list of tasks takes as many statements for 100 rows as for 1" }

describe("S9", function()
  it("passes on the reference target, with any number of projects and replicas", function()
    for _, words in ipairs { { "--profile", "quick" }, { "--projects", "2", "--replicas", "2" } } do
      local found = acceptance.run(SCRIPT, table.unpack(words))
      assert.equal(0, found.outcome.status, acceptance.text(found))
      assert.matches("statements for 100 rows: add 1", found.row.summary)
    end
  end)

  it("finds statements for each row, and names them", function()
    local found = acceptance.run(SCRIPT, "--fault", "n_plus_one")
    assert.equal(1, found.outcome.status, acceptance.text(found))
    assert.same(LISTS, found.failed)
    for _, name in ipairs(LISTS) do
      assert.matches("^101 times for 100 rows, 2 for 1: SELECT task_id, .* WHERE project_id = $1 AND task_id = $2",
        acceptance.evidence(found, name))
    end
  end)

  it("finds that there is no index for the hot queries", function()
    local found = acceptance.run(SCRIPT, "--fault", "missing_index")
    assert.equal(1, found.outcome.status, acceptance.text(found))
    assert.same({ "a list by status is found by the index", "finding the next task touches few blocks",
      "the next task is found by the index" }, found.failed)
    assert.matches("PostgreSQL reads %l+ tasks of ai%-agent by tasks_pkey: SELECT %* FROM tasks",
      acceptance.evidence(found, "the next task is found by the index"))
  end)

  describe("on a deployment", function()
    it("needs its database", function()
      local box <close> = sandbox.start { tasks = 10 }
      local found = acceptance.run(SCRIPT, "--target", box.url, "--keys", box.keys_file)
      assert.equal(2, found.outcome.status, acceptance.text(found))
      assert.matches("%-%-database DSN", acceptance.text(found))
    end)

    it("decides the same, and leaves nothing behind", function()
      local box <close> = sandbox.start { reserve_rate = 0 }
      local found = acceptance.run(SCRIPT, "--target", box.url, "--keys", box.keys_file, "--database", box.dsn)
      assert.equal(0, found.outcome.status, acceptance.text(found))
      local connection <close> = pg.connect(box.dsn)
      assert.equal(5000, connection:value("SELECT count(*) FROM tasks"))
    end)

    it("does not take a small table, or one whose statements nobody counts, for a finding", function()
      local box <close> = sandbox.start { reserve_rate = 0, tasks = 0 }
      local connection <close> = pg.connect(box.dsn)
      connection:query("DROP EXTENSION pg_stat_statements")
      connection:query("DROP INDEX tasks_project_status_created")
      local found = acceptance.run(SCRIPT, "--projects", "alpha", "--target", box.url, "--keys", box.keys_file,
        "--database", box.dsn)
      assert.equal(2, found.outcome.status, acceptance.text(found))
      assert.equal(7, #found.undecided, acceptance.text(found))
      assert.matches("CREATE EXTENSION pg_stat_statements", found.checks[LISTS[1]].observed)
      assert.matches("with %d+ tasks that may be right", found.checks["the next task is found by the index"].observed)
    end)
  end)
end)
