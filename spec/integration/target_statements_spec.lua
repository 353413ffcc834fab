--- What the target's requests cost the database: a number of statements that does not grow with the rows.
local scale = require "scalerun"
local target_client = require "spec.support.target_client"
local target_mcp = require "spec.support.target_mcp"

describe("the target's statements", function()
  local box, alpha, connection, redis

  setup(function()
    box, alpha = target_client.start()
    connection = scale.pg.connect(box.dsn)
    redis = scale.redis.connect(box.redis_url)
  end)

  teardown(function()
    redis:close()
    connection:close()
    box:stop()
  end)

  before_each(function()
    target_client.clear(box)
    redis:call("FLUSHALL")
  end)

  -- How many statements the target sends while fn runs; its sweeper works at times of its own.
  local function count(fn)
    fn() -- connects, prepares
    connection:query("SELECT pg_stat_statements_reset()")
    fn()
    return connection:value("SELECT sum(calls)::int FROM pg_stat_statements "
      .. "WHERE query NOT LIKE '%pg_stat_statements%' AND query NOT LIKE 'DELETE FROM id_reservations%'")
  end

  local function insert(tasks, status)
    connection:query(("INSERT INTO tasks (task_id, project_id, description, status) "
      .. "SELECT 'T-' || n, 'alpha', 'x', '%s' FROM generate_series(1, %d) AS n"):format(status, tasks))
  end

  local function items(tasks)
    local list = {}
    for index = 1, tasks do
      list[index] = "task " .. index
    end
    return table.unpack(list)
  end

  local requests = {
    ["GET /tasks"] = function()
      assert.equal(200, alpha:get("/tasks?project=alpha&limit=1000").status)
    end,
    ["GET /tasks with a status"] = function()
      assert.equal(200, alpha:get("/tasks?project=alpha&status=pending&limit=1000").status)
    end,
    ["GET /tasks/next"] = function()
      assert.equal(200, alpha:get("/tasks/next?project=alpha").status)
    end,
    ["get_next_task from an empty cache"] = function()
      redis:call("FLUSHALL")
      assert.is_false(target_mcp.call(alpha, "get_next_task").isError)
    end,
  }

  for name, request in pairs(requests) do
    it("are as many for 1, 10 and 100 tasks: " .. name, function()
      local counts = {}
      for _, tasks in ipairs { 1, 10, 100 } do
        target_client.clear(box)
        insert(tasks, "pending")
        counts[#counts + 1] = count(request)
      end
      assert.is_true(counts[1] >= 1)
      assert.same({ counts[1], counts[1], counts[1] }, counts)
    end)
  end

  it("are as many for a batch of 1, 10 and 100 tasks, and a reservation of as many ids", function()
    for _, write in ipairs {
      function(n)
        assert.equal(200, target_client.add(alpha, items(n)).status)
      end,
      function(n)
        assert.equal(200, target_client.reserve(alpha, "alpha", "US", n).status)
      end,
    } do
      local counts = {}
      for index, n in ipairs { 1, 10, 100 } do
        counts[index] = count(function()
          write(n)
        end)
      end
      assert.is_true(counts[1] >= 1)
      assert.same({ counts[1], counts[1], counts[1] }, counts)
    end
  end)

  it("have a bound for a queue that is all wrong", function()
    insert(100, "completed")
    local statements = count(function()
      for index = 1, 100 do
        redis:call("ZADD", "queue:alpha", tostring(index), "T-" .. index)
      end
      assert.equal(scale.null, target_mcp.call(alpha, "get_next_task").structuredContent.task)
    end)
    assert.is_true(statements <= 4, "statements: " .. statements)
  end)
end)
