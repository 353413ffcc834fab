--- The target's documents: the REST mirror, the cache, two replicas, and Redis that comes and goes.
local scale = require "scalerun"
local target_client = require "spec.support.target_client"
local target_mcp = require "spec.support.target_mcp"

local PATTERNS = "/mcp/resources/patterns/"
local LONG = 20 -- seconds; what is waited for here takes less than two

describe("the target's documents", function()
  local box, second, a, b, redis

  setup(function()
    box = scale.sandbox.start { projects = { "alpha", "beta" }, tasks = 0, reserve_rate = 0 }
    second = target_client.second(box)
    second:start { reserve_rate = 0, cache_ttl = "300s" }
    a = target_client.new(box, "alpha")
    b = target_client.new({ url = second.url, keys = box.keys }, "alpha")
    redis = scale.redis.connect(box.redis_url)
  end)

  teardown(function()
    redis:close()
    second:stop()
    box:stop()
  end)

  before_each(function()
    redis:call("FLUSHALL")
  end)

  -- What counters of both replicas grow by while fn runs.
  local function grown(names, fn)
    local before, after = {}, {}
    for index, name in ipairs(names) do
      before[index] = target_mcp.metric(a, name) + target_mcp.metric(b, name)
    end
    fn()
    for index, name in ipairs(names) do
      after[index] = target_mcp.metric(a, name) + target_mcp.metric(b, name) - before[index]
    end
    return after
  end

  local COUNTERS = {
    'mcp_resource_cache_hits_total{resource_type="patterns"}',
    'mcp_resource_cache_misses_total{resource_type="patterns"}',
    'mcp_resource_disk_loads_total{resource_type="patterns"}',
    'mcp_resource_cache_bypassed_total{resource_type="patterns"}',
  }

  it("come with their URI and size, from disk and then from Redis", function()
    for path, uri in pairs {
      ["/mcp/resources/sdlc/core"] = "mcp://resources/sdlc/core",
      ["/mcp/resources/patterns/caching"] = "mcp://resources/patterns/caching",
      ["/mcp/resources/templates/epic"] = "mcp://resources/templates/epic",
    } do
      local first, again = a:get(path), b:get(path)
      assert.equal("MISS", first.headers["x-cache"])
      assert.equal("HIT", again.headers["x-cache"])
      assert.equal("b", again.headers["x-replica"])
      local document = first:json()
      assert.equal(uri, document.uri)
      assert.equal(#document.content, document.size_bytes)
      assert.same(document, again:json())
      assert.equal(document.content, scale.fs.read(box.content_dir .. uri:match("^mcp://resources(/.*)$") .. ".md"))
      assert.equal(document.content, (target_mcp.read(b, uri)))
    end
    assert.same({ 2, 1, 1, 0 }, grown(COUNTERS, function()
      redis:call("FLUSHALL")
      a:get(PATTERNS .. "caching")
      a:get(PATTERNS .. "caching")
      target_mcp.read(b, "mcp://resources/patterns/caching")
    end))
  end)

  it("are kept under their keys for a while", function()
    a:get(PATTERNS .. "caching")
    target_mcp.request(a, "prompts/get", { name = "generator/epic" })
    local keys = redis:call("KEYS", "*")
    table.sort(keys)
    assert.same({ "resource:generators:epic", "resource:patterns:caching" }, keys)
    local left = redis:call("PTTL", "resource:patterns:caching")
    assert.is_true(left > 0 and left <= 300000)
  end)

  it("that are not there are 404", function()
    for _, path in ipairs { PATTERNS .. "none", PATTERNS .. "..", PATTERNS .. "%2e%2e%2fsdlc%2fcore",
      PATTERNS .. "caching.md", "/mcp/resources/templates/..%2f..%2fkeys", "/mcp/resources/sdlc/other",
      PATTERNS .. ("x"):rep(4096), PATTERNS .. "%EF%BC%8E", "/mcp/resources/generators/epic" } do
      local response = a:get(path)
      assert.equal(404, response.status, path)
      assert.is_nil(response.headers["x-cache"])
    end
    assert.equal(400, a:get(PATTERNS .. "a%00b").status)
    assert.equal(405, a:post(PATTERNS .. "caching", { body = "" }).status)
    assert.same({}, redis:call("KEYS", "*"))
  end)

  it("are read from disk once, however many ask on both replicas", function()
    for _, name in ipairs { "caching", "architecture", "security" } do
      local caches = {}
      assert.same({ 39, 1, 1, 0 }, grown(COUNTERS, function()
        caches = target_client.together(40, function(index)
          local response = (index % 2 == 0 and a or b):get(PATTERNS .. name)
          assert.equal(200, response.status)
          return response.headers["x-cache"]
        end)
      end))
      local misses = 0
      for _, cache in ipairs(caches) do
        misses = misses + (cache == "MISS" and 1 or 0)
      end
      assert.equal(1, misses)
    end
  end)

  it("outlive a loader that died with the lock", function()
    redis:call("SET", "lock:resource:patterns:caching", "a loader that is gone", "PX", "300")
    assert.same({ 0, 1, 1, 0 }, grown(COUNTERS, function()
      assert.equal(200, a:get(PATTERNS .. "caching").status)
    end))
    redis:call("FLUSHALL")
    redis:call("SET", "lock:resource:patterns:caching", "a loader that hangs", "PX", "60000")
    assert.same({ 0, 1, 1, 1 }, grown(COUNTERS, function()
      assert.equal(200, a:get(PATTERNS .. "caching").status)
    end))
    assert.equal("a loader that hangs", redis:call("GET", "lock:resource:patterns:caching"))
  end)

  it("and tasks are to be had without Redis, which is used again when it is back", function()
    target_client.clear(box)
    target_client.add(a, "one")
    assert.equal("one", target_mcp.call(a, "get_next_task").structuredContent.task.description)
    box.redis.process:kill("STOP")
    local missed = grown(COUNTERS, function()
      for _, client in ipairs { a, b, a, b } do
        local response = client:get(PATTERNS .. "caching")
        assert.equal(200, response.status)
        assert.equal("MISS", response.headers["x-cache"])
      end
      assert.equal("two", target_client.add(a, "two").status == 200 and "two")
      assert.equal("one", target_mcp.call(a, "get_next_task").structuredContent.task.description)
    end)
    box.redis.process:kill("CONT")
    assert.same({ 0, 4, 4, 4 }, missed)
    local deadline = scale.time.now() + LONG
    repeat
      assert.is_true(scale.time.now() < deadline)
      scale.time.sleep(0.01)
    until a:get(PATTERNS .. "caching").headers["x-cache"] == "HIT"
      and b:get(PATTERNS .. "caching").headers["x-cache"] == "HIT"
    target_mcp.call(a, "update_task_status", { task_id = "TASK-001", status = "in_progress" })
    assert.equal("two", target_mcp.call(a, "get_next_task").structuredContent.task.description)
  end)

  it("and all else are the same on every replica: 1000 requests of one client, in turn", function()
    local clients = { a, b }
    target_client.clear(box)
    local initialized = target_mcp.request(a, "initialize", {
      protocolVersion = "2025-11-25",
      capabilities = scale.json.decode "{}",
      clientInfo = { name = "spec", version = "1" },
    })
    assert.equal("2025-11-25", initialized.result.protocolVersion)
    local steps = {
      function(client, round)
        return target_mcp.call(client, "store_artifact", { artifact_id = "US-001", content = "round " .. round })
      end,
      function(client, round)
        assert.equal("round " .. round, (target_mcp.read(client, "mcp://resources/artifacts/US-001")))
      end,
      function(client, round)
        target_mcp.call(client, "add_task", { description = "round " .. round })
      end,
      function(client, round)
        local task = target_mcp.call(client, "get_next_task").structuredContent.task
        assert.equal("round " .. round, task.description)
        return task.task_id
      end,
      function(client, _, task_id)
        local result = target_mcp.call(client, "update_task_status", { task_id = task_id, status = "in_progress" })
        assert.is_false(result.isError)
      end,
      function(client)
        assert.equal(8, #target_mcp.request(client, "tools/list").result.tools)
      end,
      function(client)
        assert.is_string(target_mcp.request(client, "prompts/get", { name = "generator/adr" }).result.description)
      end,
      function(client)
        assert.is_truthy(target_mcp.read(client, "mcp://resources/templates/adr"))
      end,
      function(client)
        local page = target_mcp.request(client, "resources/list").result
        assert.equal("mcp://resources/artifacts/US-001", page.resources[1].uri)
      end,
    }
    local value
    for index = 1, 999 do
      local step = (index - 1) % #steps + 1
      value = steps[step](clients[index % 2 + 1], (index - 1) // #steps, value)
    end
  end)
end)
