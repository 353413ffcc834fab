local scale = require "scalerun"
local metrics = require "scalerun.core.metrics"
local postgres = require "spec.support.postgres"
local pg, task, time = scale.pg, scale.task, scale.time

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

describe("pg", function()
  local server, db

  setup(function()
    server = postgres.start()
  end)

  teardown(function()
    server:stop()
  end)

  before_each(function()
    db = pg.connect(server.dsn, { timeout = "20s" })
    db:exec("DROP TABLE IF EXISTS t; CREATE TABLE t (n int PRIMARY KEY, s text)")
    db:notices()
  end)

  after_each(function()
    db:close()
  end)

  describe("query", function()
    it("gives each type its Lua value", function()
      local row = db:one [[SELECT 1::int2 AS i2, 2 AS i4, 9007199254740993::int8 AS i8, 1.5::float8 AS f8,
        'NaN'::float8 AS nan, 0.1::float4 AS f4, 12345678901234567890.5::numeric AS num, true AS yes,
        false AS no, NULL AS nothing,
        '{"a":[1,null,"x"],"big":9007199254740993}'::jsonb AS j, '[]'::json AS empty, ARRAY[1,2] AS list,
        'text' AS t, '2024-01-02'::date AS d]]
      assert.same({ 1, 2, 9007199254740993 }, { row.i2, row.i4, row.i8 })
      assert.equal("integer", math.type(row.i4))
      assert.equal("float", math.type(row.f8))
      assert.is_true(row.nan ~= row.nan)
      assert.near(0.1, row.f4, 1e-6)
      assert.equal("12345678901234567890.5", row.num)
      assert.is_true(row.yes)
      assert.is_false(row.no)
      assert.equal(scale.null, row.nothing)
      assert.same({ 1, scale.null, "x" }, row.j.a)
      assert.equal(9007199254740993, row.j.big)
      assert.same({}, row.empty)
      assert.equal("{1,2}", row.list)
      assert.equal("2024-01-02", row.d)
    end)

    it("sends Lua values as parameters", function()
      local row = db:one(
        "SELECT $1::text AS a, $2::text AS b, $3::bool AS c, $4::int8 AS d, $5::float8 AS e, $6::text AS f, "
          .. "$7::jsonb AS g, $8::float8 AS h, $9::text AS i",
        nil, scale.null, true, math.maxinteger, 0.1, "it's\n\\", { x = { 1, 2 } }, math.huge, nil
      )
      assert.equal(scale.null, row.a)
      assert.equal(scale.null, row.b)
      assert.is_true(row.c)
      assert.equal(math.maxinteger, row.d)
      assert.equal(0.1, row.e)
      assert.equal("it's\n\\", row.f)
      assert.same({ x = { 1, 2 } }, row.g)
      assert.equal(math.huge, row.h)
      assert.equal(scale.null, row.i)
    end)

    it("takes many parameters", function()
      local places, values = {}, {}
      for i = 1, 200 do
        places[i], values[i] = ("($%d::int)"):format(i), i
      end
      local sum = db:value("SELECT sum(v) FROM (VALUES " .. table.concat(places, ",") .. ") AS x(v)",
        table.unpack(values))
      assert.equal(20100, sum)
    end)

    it("refuses what cannot be a parameter", function()
      assert.matches("value 2 is a function", failure(db.query, db, "SELECT $1, $2", 1, print))
      assert.matches("zero byte", failure(db.query, db, "SELECT $1", "a\0b"))
      assert.matches("JSON", failure(db.query, db, "SELECT $1", { print }))
    end)

    it("tells count, columns and command", function()
      local result = db:query("INSERT INTO t VALUES (1, 'a'), (2, 'b') RETURNING n, s")
      assert.equal(2, result.count)
      assert.same({ "n", "s" }, result.columns)
      assert.equal("INSERT", result.command)
      assert.equal(2, #result)
      result = db:query("UPDATE t SET s = 'c'")
      assert.equal(2, result.count)
      assert.equal(0, #result)
      assert.equal("CREATE TABLE", db:query("CREATE TEMP TABLE tmp (n int)").command)
      assert.equal(0, db:query("SELECT 1 WHERE false").count)
    end)

    it("raises errors with kind, operation, message and SQLSTATE", function()
      db:query("INSERT INTO t VALUES (1)")
      local err = failure(db.query, db, "INSERT INTO t VALUES (1)")
      assert.equal("server", err.kind)
      assert.equal("pg.query", err.operation)
      assert.equal("23505", err.detail)
      assert.matches("duplicate key", err.message)
      assert.matches("detail: Key %(n%)=%(1%) already exists", err.message)
      assert.matches("^pg.query: duplicate key", tostring(err))
    end)

    it("keeps the last of two columns with one name", function()
      local result = db:query("SELECT 1 AS a, 2 AS a")
      assert.equal(2, result[1].a)
      assert.same({ "a", "a" }, result.columns)
    end)
  end)

  it("one and value want exactly one", function()
    assert.equal("rows", failure(db.one, db, "SELECT generate_series(1, 2)").kind)
    assert.equal("rows", failure(db.value, db, "SELECT 1 WHERE false").kind)
    assert.equal("rows", failure(db.value, db, "SELECT 1 AS a, 2 AS b").kind)
    assert.equal(7, db:value("SELECT $1::int", 7))
  end)

  it("exec runs several statements or none", function()
    assert.equal(3, db:exec("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); SELECT 3 AS n")[1].n)
    assert.equal("22012", failure(db.exec, db, "INSERT INTO t VALUES (3); SELECT 1/0").detail)
    assert.equal(2, db:value("SELECT count(*) FROM t"))
  end)

  describe("transaction", function()
    it("commits what it returns from", function()
      local a, b, n = db:transaction(function(tx)
        tx:query("INSERT INTO t VALUES (1)")
        return "a", nil, tx:value("SELECT count(*) FROM t")
      end)
      assert.same({ "a", nil, 1 }, { a, b, n })
      assert.equal(1, db:value("SELECT count(*) FROM t"))
    end)

    it("has the isolation that was asked for", function()
      local asked = { isolation = "serializable", read_only = true, deferrable = true }
      local level, mode = db:transaction(asked, function(tx)
        return tx:value("SHOW transaction_isolation"), tx:value("SHOW transaction_read_only")
      end)
      assert.same({ "serializable", "on" }, { level, mode })
    end)

    it("rolls back what raises, and the error goes on", function()
      local thrown = { "mine" }
      local caught = failure(db.transaction, db, function(tx)
        tx:query("INSERT INTO t VALUES (1)")
        error(thrown)
      end)
      assert.equal(thrown, caught)
      assert.equal(0, db:value("SELECT count(*) FROM t"))
    end)

    it("does not hide that a failed statement prevents the commit", function()
      local err = failure(db.transaction, db, function(tx)
        pcall(tx.query, tx, "SELECT 1/0")
      end)
      assert.equal("state", err.kind)
      assert.matches("rolled back", err.message)
    end)

    it("rolls back when its task is cancelled", function()
      local began = false
      local running = task.spawn(function()
        db:transaction(function(tx)
          tx:query("INSERT INTO t VALUES (1)")
          began = true
          tx:query("SELECT pg_sleep(60)")
        end)
      end)
      while not began do
        time.sleep("5ms")
      end
      running:cancel()
      local ok, err = running:wait()
      assert.is_false(ok)
      assert.equal("cancel", err.kind)
      assert.equal(0, db:value("SELECT count(*) FROM t"))
    end)

    it("refuses statements of its own task beside it", function()
      local err = failure(db.transaction, db, function()
        db:query("SELECT 1")
      end)
      assert.equal("state", err.kind)
      assert.matches("inside a transaction use the value", err.message)
      assert.equal(1, db:value("SELECT 1"))
    end)

    it("makes other tasks wait", function()
      local order = {}
      task.all {
        function()
          db:transaction(function(tx)
            tx:query("INSERT INTO t VALUES (1)")
            tx:query("SELECT pg_sleep(0.05)")
            order[#order + 1] = "transaction"
          end)
        end,
        function()
          local count = db:value("SELECT count(*) FROM t")
          order[#order + 1] = "saw " .. count
        end,
      }
      assert.same({ "transaction", "saw 1" }, order)
    end)

    it("names the isolation that was meant", function()
      assert.matches("did you mean 'serializable'", failure(db.transaction, db, { isolation = "serialisable" }, print))
      assert.matches("did you mean 'isolation'", failure(db.transaction, db, { isolaton = "serializable" }, print))
    end)

    it("wants a function", function()
      assert.matches("the function to run last, not a nil", failure(db.transaction, db, { read_only = true }))
      assert.matches("adds the queries, not a table", failure(db.pipeline, db, {}))
      assert.matches("columns second, not a string", failure(db.copy, db, "t", "n", {}))
    end)

    it("cannot be used after its end", function()
      local kept
      db:transaction(function(tx)
        kept = tx
      end)
      assert.matches("closed", failure(kept.query, kept, "SELECT 1"))
    end)
  end)

  describe("pipeline", function()
    it("keeps results in order and errors in their place", function()
      local results = db:pipeline(function(p)
        p:query("INSERT INTO t VALUES ($1, $2)", 1, nil)
        p:query("SELECT 1/0")
        p:query("SELECT n, s FROM t")
      end)
      assert.equal(1, results.failed)
      assert.equal(1, results[1].count)
      assert.equal("22012", results[2].detail)
      assert.same({ n = 1, s = scale.null }, results[3][1])
    end)

    it("works inside a transaction", function()
      local results = db:transaction(function(tx)
        return tx:pipeline(function(p)
          for i = 1, 50 do
            p:query("INSERT INTO t VALUES ($1)", i)
          end
          p:query("SELECT count(*) AS n FROM t")
        end)
      end)
      assert.equal(50, results[51][1].n)
    end)

    it("may be empty", function()
      assert.same({ failed = 0 }, db:pipeline(function() end))
    end)
  end)

  describe("copy", function()
    it("loads lists and keyed rows", function()
      assert.equal(5, db:copy("public.t", { "n", "s" }, {
        { 1, "tab\tand\nline" },
        { n = 2 },
        { 3, scale.null },
        { s = "back\\slash", n = 4 },
        { 5, "\\N" },
      }))
      local result = db:query("SELECT n, s FROM t ORDER BY n")
      assert.equal("tab\tand\nline", result[1].s)
      assert.equal(scale.null, result[2].s)
      assert.equal(scale.null, result[3].s)
      assert.equal("back\\slash", result[4].s)
      assert.equal("\\N", result[5].s)
    end)

    it("takes an iterator", function()
      local i = 0
      local count = db:copy("t", { "n", "s" }, function()
        i = i + 1
        return i <= 20000 and { i, ("x"):rep(20) } or nil
      end)
      assert.equal(20000, count)
      assert.equal(20000, db:value("SELECT count(*) FROM t"))
    end)

    it("loads all or nothing", function()
      assert.equal("23505", failure(db.copy, db, "t", { "n" }, { { 1 }, { 1 } }).detail)
      assert.matches("boom", failure(db.copy, db, "t", { "n" }, function()
        error("boom")
      end))
      assert.equal(0, db:value("SELECT count(*) FROM t"))
    end)

    it("refuses values that belong to no column", function()
      assert.matches("2 values for 1 columns", failure(db.copy, db, "t", { "n" }, { { 1, 2 } }))
      assert.matches("not among the columns", failure(db.copy, db, "t", { "n" }, { { n = 1, m = 2 } }))
      assert.equal(0, db:copy("t", { "n" }, {}))
    end)

    it("works inside a transaction", function()
      failure(db.transaction, db, function(tx)
        assert.equal(1, tx:copy("t", { "n" }, { { 1 } }))
        error("undo")
      end)
      assert.equal(0, db:value("SELECT count(*) FROM t"))
    end)
  end)

  it("shares a connection between tasks, each with its own answer or error", function()
    local functions = {}
    for i = 1, 100 do
      functions[i] = function()
        if i % 10 == 0 then
          return failure(db.query, db, "SELECT 1 / ($1::int - $1::int)", i).detail
        end
        return db:value("SELECT $1::int", i)
      end
    end
    for i, value in ipairs(task.all(functions)) do
      assert.equal(i % 10 == 0 and "22012" or i, value)
    end
  end)

  it("has deadlines of its own", function()
    local err = failure(db.query, db:with { timeout = "50ms" }, "SELECT pg_sleep(60)")
    assert.equal("timeout", err.kind)
    assert.equal(1, db:value("SELECT 1"))
  end)

  it("counts and times statements in the metrics", function()
    local mine = db:with { name = "spec.pg.mine" }
    mine:query("SELECT 1")
    mine:exec("SELECT 1; SELECT 2")
    failure(mine.query, mine, "SELECT nonsense")
    local slow = db:with { timeout = "10ms", name = "spec.pg.slow" }
    failure(slow.query, slow, "SELECT pg_sleep(60)")
    mine:pipeline(function(p)
      p:query("SELECT 1")
      p:query("SELECT 1/0")
    end)
    mine:copy("t", { "n" }, { { 1 } })
    local seen = metrics.current():get("spec.pg.mine")
    assert.equal(4, seen.ok)
    assert.same({ ["42703"] = 1, ["22012"] = 1 }, seen.errors)
    assert.same({ timeout = 1 }, metrics.current():get("spec.pg.slow").errors)
  end)

  it("hands out notices", function()
    db:query("DO $$ BEGIN RAISE WARNING 'mind the %', 'gap'; END $$")
    local notices, lost = db:notices()
    assert.same({ { severity = "WARNING", sqlstate = "01000", message = "mind the gap" } }, notices)
    assert.equal(0, lost)
    assert.same({}, (db:notices()))
  end)

  it("knows its server process", function()
    assert.equal(db:pid(), db:value("SELECT pg_backend_pid()"))
    assert.is_true(db:server_version() >= 130000)
  end)

  it("closes, also by itself", function()
    local other <const> = pg.connect(server.dsn)
    other:close()
    other:close()
    assert.is_false(other:is_open())
    assert.equal("state", failure(other.query, other, "SELECT 1").kind)
    local pid
    do
      local short <close> = pg.connect(server.dsn)
      pid = short:pid()
    end
    while db:value("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", pid) > 0 do
      time.sleep("5ms")
    end
  end)

  describe("pool", function()
    local pool

    local function of(given)
      given.dsn = server.dsn
      pool = pg.pool(given)
      return pool
    end

    after_each(function()
      pool:close()
    end)

    it("has the methods of a connection", function()
      of { size = 2 }
      assert.equal(1, pool:value("SELECT 1"))
      assert.same({ n = 2 }, (pool:one("SELECT 2 AS n")))
      pool:exec("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)")
      assert.equal(2, pool:copy("t", { "n" }, { { 3 }, { 4 } }))
      local a, b = pool:transaction({ isolation = "serializable" }, function(tx)
        return tx:value("SHOW transaction_isolation"), tx:value("SELECT count(*) FROM t")
      end)
      assert.same({ "serializable", 4 }, { a, b })
      assert.equal(5, pool:pipeline(function(p)
        p:query("SELECT 5 AS n")
      end)[1][1].n)
      assert.equal(1, pool:stats().open)
    end)

    it("has no more connections than its size", function()
      of { size = 3 }
      local functions = {}
      for i = 1, 12 do
        functions[i] = function()
          return pool:query("SELECT pg_backend_pid() AS pid, pg_sleep(0.01)")[1].pid
        end
      end
      local pids = {}
      for _, pid in ipairs(task.all(functions)) do
        pids[pid] = true
      end
      local count = 0
      for _ in pairs(pids) do
        count = count + 1
      end
      assert.equal(3, count)
      assert.same({ 3, 3, 0, 0 }, { pool:stats().open, pool:stats().max_lent, pool:stats().lent, pool:stats().waiting })
    end)

    it("shares connections where asked to", function()
      of { size = 1, share = 8 }
      pool:query("SELECT 1")
      local functions = {}
      for i = 1, 8 do
        functions[i] = function()
          return pool:value("SELECT $1::int", i)
        end
      end
      assert.same({ 1, 2, 3, 4, 5, 6, 7, 8 }, task.all(functions))
    end)

    it("tells how long the line is when waiting takes too long", function()
      of { size = 1 }
      local impatient, err = pool:with { acquire_timeout = "20ms" }, nil
      pool:transaction(function()
        err = failure(impatient.query, impatient, "SELECT 1")
      end)
      assert.equal("timeout", err.kind)
      assert.equal("pg.acquire", err.operation)
      assert.matches("1 of 1 lent, 0 being opened, 0 others wait", err.message)
      assert.equal(1, pool:stats().timeouts)
    end)

    it("raises when a transaction block is left open", function()
      of { size = 1 }
      local err = failure(pool.query, pool, "BEGIN")
      assert.equal("state", err.kind)
      assert.matches("transaction block", err.message)
      assert.equal(1, pool:value("SELECT 1"))
      assert.equal(1, pool:stats().discarded)
    end)

    it("gives connections back when a task is cancelled", function()
      of { size = 1 }
      pool:query("SELECT 1")
      local running = task.spawn(function()
        pool:query("SELECT pg_sleep(60)")
      end)
      while pool:stats().lent == 0 do
        time.sleep("2ms")
      end
      running:cancel()
      running:wait()
      assert.equal(0, pool:stats().lent)
      assert.equal(1, pool:value("SELECT 1"))
    end)

    it("fails those who wait when it cannot connect", function()
      pool = pg.pool { dsn = "host=/nowhere", size = 2 }
      assert.equal("connect", failure(pool.query, pool, "SELECT 1").kind)
    end)

    it("checks its options", function()
      of { size = 1 }
      assert.matches("did you mean 'size'", failure(pg.pool, { sise = 1 }))
      assert.matches("size must be between 1", failure(pg.pool, { size = 0 }).message)
      assert.matches("did you mean 'share'", failure(pg.pool, server.dsn, { shared = 2 }))
    end)

    it("closes", function()
      of { size = 1 }
      pool:query("SELECT 1")
      pool:close()
      assert.equal("state", failure(pool.query, pool, "SELECT 1").kind)
    end)
  end)

  describe("connect", function()
    it("takes parameters by their libpq names", function()
      local other <close> = pg.connect {
        host = server.folder, user = "postgres", dbname = "postgres", application_name = "spec", timeout = 20,
      }
      assert.equal("spec", other:value("SHOW application_name"))
    end)

    it("names the option that was meant", function()
      assert.matches("pg.connect: unknown option 'timeuot' %(did you mean 'timeout'%?%)",
        failure(pg.connect, server.dsn, { timeuot = 1 }))
      assert.matches("did you mean 'password'", failure(pg.connect, { pasword = "x" }))
      assert.matches("takes a DSN", failure(pg.connect))
      local err = failure(function()
        local other = pg.connect(server.dsn, { nonsense = 1 })
        return other
      end)
      assert.matches("^spec/integration/pg_spec.lua:%d+: pg.connect: unknown option 'nonsense'", err)
    end)

    it("never shows the password", function()
      local err = failure(pg.connect, "postgresql://u:tell-nobody@" .. "%2Fnowhere/d")
      assert.equal("connect", err.kind)
      assert.is_nil(err.message:find("tell-nobody", 1, true))
      err = failure(pg.connect, "postgresql://u:tell@nobody@host/d")
      assert.equal("invalid", err.kind)
      assert.is_nil(err.message:find("nobody", 1, true))
    end)

    it("says what the server refused", function()
      local err = failure(pg.connect, server.dsn .. " dbname=missing")
      assert.equal("server", err.kind)
      assert.equal("3D000", err.detail)
    end)
  end)
end)
