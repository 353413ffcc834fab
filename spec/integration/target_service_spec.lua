--- scalerun-target as a service: its pool, what it says about itself, how it starts and ends.
local scale = require "scalerun"
local programs = require "scalerun.sandbox.programs"
local target_client = require "spec.support.target_client"
local fs, json, pg, process, time = scale.fs, scale.json, scale.pg, scale.process, scale.time

local LONG = 20 -- seconds; what is waited for here takes milliseconds

local function eventually(what, fn)
  local deadline = time.now() + LONG
  while not fn() do
    assert.is_true(time.now() < deadline, what)
    time.sleep(0.005)
  end
end

local function run_target(...)
  local argv = { programs.target(), ... }
  argv.env = { SCALERUN_TARGET_DATABASE = false, SCALERUN_TARGET_REDIS = false, SCALERUN_TARGET_KEYS = false }
  return process.run(argv)
end

describe("the target", function()
  local box, alpha, connection

  setup(function()
    box = scale.sandbox.start { projects = { "alpha", "beta" }, tasks = 3, reserve_rate = 0 }
    alpha = target_client.new(box, "alpha")
    connection = pg.connect(box.dsn)
  end)

  teardown(function()
    connection:close()
    box:stop()
  end)

  -- Samples by name and labels as written.
  local function metrics()
    local samples = {}
    for line in alpha:get("/metrics").body:gmatch("[^\n]+") do
      local series, value = line:match("^([^#]%S*) (%S+)$")
      if series then
        assert.is_nil(samples[series], series)
        samples[series] = tonumber(value)
      end
    end
    return samples
  end

  it("is healthy with both dependencies", function()
    local health
    eventually("a healthy state", function()
      health = alpha:get("/health"):json()
      return health.status == "healthy"
    end)
    assert.same({ database = "up", redis = "up" }, health.dependencies)
    assert.is_string(health.version)
    assert.is_true(health.uptime_seconds >= 0)
  end)

  it("is degraded, and works on, without Redis", function()
    local redis_process = box.redis.process
    redis_process:kill("STOP")
    eventually("a degraded state", function()
      local response = alpha:get("/health")
      assert.equal(200, response.status)
      local health = response:json()
      return health.status == "degraded" and health.dependencies.redis == "down"
        and health.dependencies.database == "up"
    end)
    box:configure { reserve_rate = 1 }
    for _ = 1, 3 do
      assert.equal(200, target_client.reserve(alpha, "alpha", "US", 1).status)
    end
    assert.equal(3, metrics().rate_limiter_skipped_total)
    redis_process:kill("CONT")
    eventually("a healthy state", function()
      return alpha:get("/health"):json().status == "healthy"
    end)
    box:configure { reserve_rate = 0 }
  end)

  it("tells in metrics what it did", function()
    local before = metrics()
    assert.equal(200, alpha:get("/tasks?project=alpha").status)
    assert.equal(200, target_client.reserve(alpha, "alpha", "US", 3).status)
    assert.equal(400, alpha:get("/tasks").status)
    local after
    eventually("the requests in the metrics, and no busy connection", function()
      after = metrics()
      return after['db_pool_connections{state="active"}'] == 0 and after['task_tracking_requests{project_id="alpha"}']
        == before['task_tracking_requests{project_id="alpha"}'] + 3
    end)
    assert.equal(0, after['task_tracking_requests{project_id="beta"}'])
    local count = 'http_request_duration_seconds_count{route="/tasks",status="%d"}'
    assert.equal((before[count:format(200)] or 0) + 1, after[count:format(200)])
    assert.equal((before[count:format(400)] or 0) + 1, after[count:format(400)])
    local most = 'http_request_duration_seconds_bucket{route="/tasks",status="200",le="+Inf"}'
    assert.equal(after[count:format(200)], after[most])
    assert.equal(before.ids_allocated_total + 3, after.ids_allocated_total)
    assert.is_true(after['db_pool_connections{state="idle"}'] >= 1)
    assert.is_true(after.db_pool_max_used >= 1)
  end)

  it("describes every metric once", function()
    local described, text = {}, alpha:get("/metrics").body
    assert.equal("\n", text:sub(-1))
    for line in text:gmatch("[^\n]+") do
      local name = line:match("^# TYPE (%S+) %l+$")
      if name then
        assert.is_nil(described[name], name)
        described[name] = true
      elseif not line:find("^# HELP ") then
        name = line:match("^[%w_]+")
        assert.is_true(described[name] or described[name:gsub("_%l+$", "")], line)
      end
    end
  end)

  it("queues for connections, and gives up after the pool's timeout", function()
    box:configure { pool_size = 1, max_overflow = 1, pool_timeout = 0.05 }
    connection:query("BEGIN")
    connection:query("LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE")
    local held = {}
    for index = 1, 2 do
      held[index] = scale.task.spawn(function()
        return alpha:get("/tasks?project=alpha")
      end)
    end
    eventually("two busy connections", function()
      return metrics()['db_pool_connections{state="active"}'] == 2
    end)
    local refused = alpha:get("/tasks?project=alpha")
    assert.equal(503, refused.status)
    assert.is_string(refused.headers["Retry-After"])
    assert.equal(200, alpha:get("/health").status)
    connection:query("COMMIT")
    for _, waiting in ipairs(held) do
      assert.equal(200, waiting:join().status)
    end
    local after = metrics()
    assert.equal(1, after.db_pool_timeouts_total)
    assert.equal(2, after.db_pool_max_used)
    assert.equal(1, after['db_pool_connections{state="idle"}'])
    box:configure { pool_size = 20, max_overflow = 10, pool_timeout = "30s" }
  end)

  it("does not notice that its idle connections were ended", function()
    target_client.together(5, function()
      assert.equal(200, alpha:get("/tasks?project=alpha").status)
    end)
    local ended = connection:query("SELECT count(pg_terminate_backend(pid, 10000)) AS n FROM pg_stat_activity "
      .. "WHERE application_name = 'scalerun-target/a'")[1].n
    assert.is_true(ended >= 1)
    for _ = 1, 5 do
      assert.equal(200, target_client.reserve(alpha, "alpha", "US", 1).status)
    end
  end)

  it("logs requests as JSON, never a key", function()
    assert.equal(401, target_client.new(box):get("/tasks?project=alpha&key=" .. box.keys.alpha).status)
    assert.equal(200, alpha:get("/tasks?project=alpha").status)
    local log = box.targets[1].log
    local lines = {}
    eventually("both requests in the log", function()
      lines = {}
      for line in fs.read(log):gmatch("([^\n]+)\n") do
        lines[#lines + 1] = json.decode(line)
      end
      return lines[#lines].status_code == 200 and lines[#lines].path == "/tasks"
    end)
    local last = lines[#lines]
    assert.equal("listening", lines[1].event)
    assert.matches("^%d+%-%d+%-%d+T[%d:.]+Z$", last.time)
    assert.is_number(last.duration_ms)
    last.time, last.duration_ms = nil, nil
    assert.same({
      level = "info", method = "GET", path = "/tasks", status_code = 200, project_id = "alpha", replica = "a",
    }, last)
    for _, key in pairs(box.keys) do
      assert.is_nil(fs.read(log):find(key, 1, true))
    end
  end)

  it("answers what is in flight before it ends", function()
    connection:query("BEGIN")
    connection:query("LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE")
    local waiting = scale.task.spawn(function()
      return alpha:get("/tasks?project=alpha")
    end)
    eventually("a busy connection", function()
      return metrics()['db_pool_connections{state="active"}'] == 1
    end)
    local running = box.targets[1].process
    running:kill("TERM")
    eventually("no more connections", function()
      return not pcall(target_client.new(box).get, target_client.new(box), "/health", { timeout = 1 })
    end)
    connection:query("COMMIT")
    assert.equal(200, waiting:join().status)
    assert.same({ status = 0 }, running:wait())
    box.targets[1]:start(box.settings)
  end)

  it("lets several replicas make the schema at once", function()
    connection:query("CREATE DATABASE empty")
    local dsn = box.tcp_dsn:gsub("/postgres", "/empty", 1)
    local started = target_client.together(3, function(index)
      local replica = process.spawn {
        programs.target(), "--listen", "127.0.0.1:0", "--database", dsn, "--redis", box.redis_url, "--keys",
        box.keys_file, "--init-schema", "--replica", "r" .. index, stdout = "pipe", stderr = "pipe",
      }
      local line = replica:read("line")
      assert.is_string(line, line or replica:read("all", { from = "stderr" }))
      assert.equal("listening", json.decode(line).event)
      return replica
    end)
    for _, replica in ipairs(started) do
      replica:kill("TERM")
      assert.same({ status = 0 }, replica:wait())
    end
  end)

  describe("that cannot start", function()
    local function refused(status, said, ...)
      local result = run_target(...)
      assert.equal(status, result.status)
      assert.equal("", result.stdout)
      assert.matches(said, result.stderr, 1, true)
      assert.is_nil(result.stderr:find("secret", 1, true))
      assert.equal(1, select(2, result.stderr:gsub("\n", "")))
    end

    it("says which option is wrong", function()
      refused(64, "--nope", "--nope")
      refused(64, "--database", "--redis", "redis://localhost", "--keys", box.keys_file)
      refused(64, "--keys", "--redis", "redis://localhost", "--database", box.dsn)
      refused(64, "'nope'", "--fault", "nope")
    end)

    it("says which port is in use", function()
      refused(1, "port " .. box.url:match("%d+$"), "--listen", box.url:match("//(.*)"), "--database", box.dsn,
        "--redis", box.redis_url, "--keys", box.keys_file)
    end)

    it("says which database refuses, without the password", function()
      refused(1, "127.0.0.1:1/tasks", "--database", "postgresql://me:secret@127.0.0.1:1/tasks", "--redis",
        box.redis_url, "--keys", box.keys_file)
      refused(1, "--database", "--database", "postgresql://me:secret@[", "--redis", box.redis_url, "--keys",
        box.keys_file)
    end)

    it("says what is missing in the database", function()
      connection:query("CREATE DATABASE bare")
      refused(1, "--init-schema", "--database", (box.tcp_dsn:gsub("/postgres", "/bare", 1)), "--redis", box.redis_url,
        "--keys", box.keys_file)
    end)

    it("wants keys", function()
      local folder = fs.mkdtemp()
      fs.write(folder .. "/keys.json", '{"alpha":"secret"}')
      refused(1, "'alpha' has a key that is not 16", "--database", box.dsn, "--redis", box.redis_url, "--keys",
        folder .. "/keys.json")
      refused(1, folder .. "/none", "--database", box.dsn, "--redis", box.redis_url, "--keys", folder .. "/none")
      fs.remove(folder)
    end)
  end)
end)
