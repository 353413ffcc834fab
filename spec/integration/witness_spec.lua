-- The witnesses against a real PostgreSQL, Redis, HAProxy and two replicas of the target.
local balancer = require "scalerun.run.balancer"
local command = require "spec.support.command"
local haproxy = require "scalerun.haproxy"
local metrics = require "scalerun.witness.metrics"
local process = require "scalerun.process"
local programs = require "scalerun.sandbox.programs"
local run_cache = require "scalerun.run.cache"
local run_database = require "scalerun.run.database"
local run_target = require "scalerun.run.target"
local scale = require "scalerun"
local watch = require "scalerun.witness.watch"
local witness = require "scalerun.witness.declaration"

describe("the witnesses", function()
  local box, database, cache, target, front

  setup(function()
    box = scale.sandbox.start { projects = { "alpha", "beta" }, tasks = 2000, replicas = 2, reserve_rate = 0 }
    database = run_database.new(function()
      return scale.pg.connect(box.dsn)
    end, box.log, true)
    cache = run_cache.new(scale.redis.connect(box.redis_url))
    target = run_target.new {
      url = box.url,
      http = scale.http.client { base_url = box.url },
      may_reset = true,
      database = function()
        return database
      end,
      replicas = function()
        return box.replicas
      end,
      changes = function() end,
    }
    front = balancer.new(box.balancer.stats_url)
  end)

  teardown(function()
    database:close()
    cache:close()
    box:stop()
  end)

  local function reserve(times)
    local client = scale.http.client {
      base_url = box.url, headers = { authorization = "Bearer " .. box.keys.alpha },
    }
    for _ = 1, times do
      assert.equal(200, client:post("/ids/reserve", { json = { type = "US", count = 1, project_id = "alpha" } }).status)
    end
  end

  describe("of the database", function()
    it("see connections and what they wait for", function()
      reserve(4)
      local seen = database:activity { application = "scalerun-target/%" }
      assert.is_true(#seen >= 2)
      assert.matches("^scalerun%-target/[ab]", seen[1].application)
      assert.equal("idle", seen[1].state)
      assert.is_false(seen[1].blocked)
      assert.equal(0, #database:activity { application = "nobody" })
    end)

    it("see locks that are waited for, and who holds them", function()
      local holder <close> = scale.pg.connect(box.dsn)
      local waiter <close> = scale.pg.connect(box.dsn)
      assert.equal(0, #database:locks { granted = false })
      holder:transaction(function(tx)
        tx:exec("LOCK TABLE tasks")
        local waiting = scale.task.spawn(function()
          waiter:query("SELECT count(*) FROM tasks")
        end)
        local seen
        repeat
          scale.time.sleep("5ms")
          seen = database:locks { granted = false }
        until #seen > 0
        assert.equal("tasks", seen[1].relation)
        assert.equal(waiter:pid(), seen[1].pid)
        assert.same({ holder:pid() }, { seen[1].blocked_by[1] })
        assert.is_true(#database:locks { granted = true } > 0)
        tx:exec("SELECT 1")
        waiting:cancel()
        waiting:wait()
      end)
    end)

    it("see which statements were executed how often", function()
      database:reset_statements()
      reserve(3)
      local seen = database:statements { like = "%update id_registry%" }
      assert.is_true(#seen >= 1)
      assert.is_true(seen[1].calls >= 3)
      assert.is_true(seen[1].total > 0)
      assert.equal(0, #database:statements { like = "%no such statement%" })
    end)

    it("do not set a deployment's statistics back without being told", function()
      local other = run_database.new(function()
        return scale.pg.connect(box.dsn)
      end)
      local ok, err = pcall(other.reset_statements, other)
      other:close()
      assert.is_false(ok)
      assert.equal("refused", err.kind)
      assert.matches("allow_reset=yes", err.message)
    end)

    it("see how a statement would be executed", function()
      database:query("ANALYZE tasks")
      local found = database:explain(
        "SELECT * FROM tasks WHERE project_id = $1 AND status = $2 ORDER BY created_at LIMIT 1", "alpha", "pending")
      assert.is_true(found:uses "tasks_project_status_created")
      assert.is_false(found:scans())
      local slow = database:explain("SELECT * FROM tasks WHERE description LIKE $1", "%x%")
      assert.is_false(slow:uses())
      assert.same({ "tasks" }, slow.sequential)
    end)

    it("see what the server complains about since the scenario began", function()
      pcall(database.query, database, "SELECT 1 / 0")
      database:begin()
      assert.same({}, database:logged())
      pcall(database.query, database, "SELECT no_such_column")
      local seen = database:logged()
      assert.equal(1, #seen)
      assert.equal("42703", seen[1].state_code)
      assert.matches("no_such_column", seen[1].statement)
      assert.same({}, database:logged { application = "scalerun%-target/" })
      assert.is_true(#database:logged { severity = { "LOG" } } > 1)
      assert.error_matches(function()
        database:logged { severity = "ERRROR" }
      end, "did you mean 'ERROR'")
    end)

    it("say which option is missing where the log is out of reach", function()
      local other = run_database.new(function()
        return scale.pg.connect(box.dsn)
      end)
      local ok, err = pcall(other.logged, other)
      other:close()
      assert.is_false(ok)
      assert.equal("missing", err.kind)
    end)
  end)

  describe("of the cache", function()
    it("read INFO", function()
      assert.is_true(cache:info().used_memory > 0)
      assert.equal("master", cache:info("replication").role)
      assert.is_nil(cache:info("replication").used_memory)
    end)

    it("find keys without KEYS, each once, and what they take", function()
      cache:config("RESETSTAT")
      for index = 1, 2500 do
        cache:set("spec:" .. index, ("x"):rep(1000))
      end
      local keys = cache:keys("spec:*")
      assert.equal(2500, #keys)
      assert.equal("spec:1", keys[1])
      assert.is_nil(cache:info("commandstats").cmdstat_keys)
      assert.is_table(cache:info("commandstats").cmdstat_scan)
      assert.is_true(cache:memory("spec:1") >= 1000)
      assert.is_nil(cache:memory("spec:none"))
      assert.same({}, cache:keys("none:*"))
      local ok, err = pcall(cache.keys, cache, "spec:*", { most = 100 })
      assert.is_false(ok)
      assert.matches("more than 100 keys match spec:%*", err.message)
      cache:del(table.unpack(keys))
    end)
  end)

  describe("of the target", function()
    it("read the metrics of each replica, and their change", function()
      local before = target:metrics()
      reserve(6)
      local change = target:metrics():since(before)
      assert.equal(6, change:sum "ids_allocated_total")
      assert.equal(3, change:get("ids_allocated_total", { replica = "a" }))
      assert.equal(40, change:sum "db_pool_size")
      local took = change:histogram("http_request_duration_seconds", { route = "/ids/reserve", status = 200 })
      assert.equal(6, took.count)
      assert.is_true(took:quantile(0.95) > 0)
    end)

    it("ask for names where one URL answers as several replicas", function()
      local through = run_target.new {
        url = box.url, http = target.http, database = target.database, may_reset = false,
        replicas = function() end, changes = function() end,
      }
      local scrape = require("scalerun.witness.scrape").new { url = box.url, timeout = 5 }
      assert.is_true(#through:metrics().samples > 0)
      local ok, err
      for _ = 1, 2 do
        ok, err = pcall(scrape.all, scrape)
      end
      assert.is_false(ok)
      assert.equal("missing", err.kind)
      assert.matches("give %-%-replica%-urls", err.message)
    end)
  end)

  describe("of the balancer", function()
    it("tell what each server was given", function()
      local before = front:stats()
      reserve(10)
      local change = front:stats():since(before)
      assert.same({ a = 5, b = 5 }, change:requests())
      assert.equal("UP", change:server("a").status)
      assert.equal(0, change:server("replicas/b").resent)
      assert.is_nil(change:server "c")
    end)

    it("count anew after the balancer began anew", function()
      local function at(requests)
        return balancer.stats { { name = "a", backend = "r", status = "UP", requests = requests, active = 0, queued = 0,
          errors = 0, resent = 0, weight = 1 } }
      end
      assert.same({ a = 3 }, at(10):since(at(7)):requests())
      assert.same({ a = 2 }, at(2):since(at(7)):requests())
    end)

    it("are read from a socket too", function()
      local folder = command.folder()
      local path = command.file(folder, "haproxy.cfg", ([[
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend statistics
  bind unix@%s/stats.sock
  stats enable
  stats uri /stats
backend replicas
  server a 127.0.0.1:9 weight 3
]]):format(folder))
      local child <close> = process.spawn { programs.haproxy(), "-db", "-q", "-f", path }
      local ok, servers
      repeat
        scale.time.sleep("10ms")
        ok, servers = pcall(haproxy.stats, ("unix:%s/stats.sock:/stats"):format(folder))
      until ok or child:status()
      assert.is_true(ok, tostring(servers))
      assert.equal("a", servers[1].name)
      assert.equal("no check", servers[1].status)
      assert.equal(3, servers[1].weight)
    end)

    it("refuse what is not HAProxy", function()
      local ok, err = pcall(haproxy.stats, box.replicas[1].url .. "/health?x=")
      assert.is_false(ok)
      assert.equal("protocol", err.kind)
    end)
  end)

  describe("are sampled", function()
    local function shared(more)
      local all = {
        target = { url = box.url, replicas = box.replicas },
        database = box.dsn,
        cache = box.redis_url,
        balancer = { stats_url = box.balancer.stats_url },
        seed = 1,
        timeout = 60,
      }
      for key, value in pairs(more or {}) do
        all[key] = value or nil
      end
      return all
    end

    local function by_name(witnessed)
      local names = {}
      for _, one in ipairs(witnessed.series) do
        names[one.name] = one
      end
      return names
    end

    it("on a thread of its own, into series", function()
      local watching = watch.begin(witness.read("s", { rate = 50 }), shared())
      local zero = scale.time.now()
      reserve(20)
      scale.time.sleep("200ms")
      local witnessed = watching:finish(zero)
      assert.same({}, witnessed.gaps)
      local names = by_name(witnessed)
      for _, name in ipairs { "connections", "connections active", "connections of one pool", "locks waiting",
        "pool used", "pool max used", "pool timeouts", "cache hits", "cache misses",
        "cache memory", "pool max used a", "requests a" } do
        assert.is_table(names[name], name)
        assert.is_true(#names[name].points > 2, name)
        assert.is_true(names[name].points[1][1] < 0, name)
      end
      assert.is_true(names.connections.max >= 2)
      assert.equal(20, names["requests a"].last + names["requests b"].last)
      assert.equal("bytes", names["cache memory"].unit)
      assert.equal(20, witnessed.changes:sum "ids_allocated_total")
      assert.equal(4, #witnessed.load)
      assert.equal(1, witnessed.load[1].connections)
    end)

    it("with a gap where a replica was gone, and without losing what it had counted", function()
      local watching = watch.begin(witness.read("s", { rate = 50, "target" }), shared())
      reserve(10)
      scale.time.sleep("100ms")
      box:kill("b")
      scale.time.sleep("100ms")
      box:start_replica("b")
      reserve(6)
      local witnessed = watching:finish()
      assert.equal("target", witnessed.gaps[1].source)
      assert.matches("^replica b: ", witnessed.gaps[1].message)
      assert.equal(1, witnessed.restarts)
      assert.equal(16, witnessed.changes:sum "ids_allocated_total")
    end)

    it("with a gap where nobody answers, which fails nothing", function()
      local watching = watch.begin(witness.read("s", { rate = 50 }),
        shared { database = "host=/nowhere dbname=x", cache = "redis://127.0.0.1:1" })
      local witnessed = watching:finish()
      local sources = {}
      for _, gap in ipairs(witnessed.gaps) do
        sources[gap.source] = gap
      end
      assert.is_table(sources.database)
      assert.is_table(sources.cache)
      assert.is_true(sources.cache.count >= 2)
      assert.is_nil(by_name(witnessed).connections)
      assert.is_table(by_name(witnessed)["pool used"])
    end)

    it("not at all when nobody is wanted, or nobody is there", function()
      assert.is_nil(watch.begin(nil, shared()):finish().rate)
      assert.is_nil(watch.begin(witness.read("s", nil), { seed = 1, timeout = 1 }):finish().rate)
    end)

    it("with a gap for who is named and not there", function()
      local witnessed = watch.begin(witness.read("s", { "balancer" }), { seed = 1, timeout = 1 }):finish()
      assert.same({ { "balancer", "this run has none" } }, { { witnessed.gaps[1].source, witnessed.gaps[1].message } })
    end)

    it("without taking no connection of the name for none", function()
      local witnessed = watch.begin(witness.read("s", { "database", application = "another/%" }), shared()):finish()
      assert.is_nil(by_name(witnessed).connections)
      assert.is_table(by_name(witnessed)["locks waiting"])
      assert.matches("no connection to PostgreSQL is called like 'another/%%'", witnessed.gaps[1].message)
    end)
  end)

  it("are plain data that can be handed over", function()
    local seen = target:metrics()
    local copy = scale.json.decode(scale.json.encode { samples = seen.samples, types = seen.types })
    assert.equal(seen:sum "db_pool_size", metrics.new(copy.samples, copy.types):sum "db_pool_size")
  end)
end)
