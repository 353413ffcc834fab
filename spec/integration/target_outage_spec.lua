--- scalerun-target while its database is away or hangs.
local scale = require "scalerun"
local target_client = require "spec.support.target_client"
local target_mcp = require "spec.support.target_mcp"

local LONG = 20 -- seconds; what is waited for here takes milliseconds

describe("the target", function()
  local box, alpha, admin

  setup(function()
    box, alpha = target_client.start()
    admin = scale.pg.connect((box.dsn:gsub("dbname=%S+", "dbname=template1")))
  end)

  teardown(function()
    admin:close()
    box:stop()
  end)

  local function await_health(status, database)
    local deadline = scale.time.now() + LONG
    repeat
      assert.is_true(scale.time.now() < deadline, database)
      local response = alpha:get("/health")
      assert.equal(200, response.status)
      local health = response:json()
      local both = health.dependencies.database == "up" and health.dependencies.redis == "up"
      assert.equal(health.status == "healthy", both)
    until health.status == status and health.dependencies.database == database
  end

  it("says so when its database is away, serves documents, and works again when it is back", function()
    local name = box.dsn:match("dbname=(%S+)")
    admin:query(("ALTER DATABASE %s ALLOW_CONNECTIONS false"):format(name))
    admin:query("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
      .. "WHERE application_name LIKE 'scalerun-%'")
    await_health("degraded", "down")
    local refused = alpha:get("/tasks?project=alpha")
    assert.equal(500, refused.status)
    assert.equal("Database unavailable", refused:json().error)
    local tool = target_mcp.call(alpha, "add_task", { description = "not to be had" })
    assert.is_true(tool.isError)
    assert.equal("Database unavailable", tool.content[1].text)
    assert.equal(200, alpha:get("/mcp/resources/patterns/caching").status)
    admin:query(("ALTER DATABASE %s ALLOW_CONNECTIONS true"):format(name))
    await_health("healthy", "up")
    assert.equal(200, target_client.add(alpha, "back again").status)
  end)

  it("says so when its database hangs", function()
    await_health("healthy", "up")
    local pid = tostring(admin:value("SELECT pid FROM pg_stat_activity WHERE application_name = 'scalerun-health/a'"))
    assert.equal(0, scale.process.run({ "kill", "-STOP", pid }).status)
    local response = alpha:get("/health", { timeout = LONG })
    assert.equal(0, scale.process.run({ "kill", "-CONT", pid }).status)
    local health = response:json()
    assert.equal("degraded", health.status)
    assert.same({ database = "down", redis = "up" }, health.dependencies)
    await_health("healthy", "up")
  end)
end)
