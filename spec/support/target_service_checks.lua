--- What is right about the target as a service: its times, its pool, its statements, what it says about itself
--- and what its replicas share. One check for each of the faults of that kind, which breaks it. A check gets
--- the world of target_service_faults_spec and is true when all is well.
local scale = require "scalerun"
local target_client = require "spec.support.target_client"
local target_mcp = require "spec.support.target_mcp"
local call, read = target_mcp.call, target_mcp.read

local CACHING = "/mcp/resources/patterns/caching"
local ARTIFACTS = "mcp://resources/artifacts/"
local ROUNDS = 3 -- for what is a time: one round in which the machine did not get in the way is enough
local LONG = 20 -- seconds; what is waited for here takes milliseconds

local checks = {}

-- Whether none of `count` calls takes as long as `limit`, in at least one round.
local function within(limit, count, fn)
  for _ = 1, ROUNDS do
    local slowest = 0
    for _ = 1, count do
      local begun = scale.time.now()
      fn()
      slowest = math.max(slowest, scale.time.now() - begun)
    end
    if slowest < limit then
      return true
    end
  end
  return false
end

local function metric(world, name)
  return target_mcp.metric(world.alpha, name)
end

local function await(fn)
  local deadline = scale.time.now() + LONG
  while not fn() do
    assert(scale.time.now() < deadline, "it does not come to what is waited for")
    scale.time.sleep(0.005)
  end
end

-- Keeps `count` reads of alpha's in the database for `hold` seconds; before(i) runs meanwhile. The statuses, the
-- time that the last answer came after the release, and the most connections in use.
local function crowd(world, count, hold, before)
  local ended = 0
  world.connection:query("BEGIN")
  world.connection:query("LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE")
  local reads = {}
  for index = 1, count do
    reads[index] = scale.task.spawn(function()
      local status = world.alpha:get("/tasks?project=alpha").status
      ended = ended + 1
      return status
    end)
  end
  local active
  await(function()
    active = metric(world, 'db_pool_connections{state="active"}')
    return active + metric(world, "db_pool_waiting") + ended >= count
  end)
  scale.time.sleep(hold)
  if before then
    before()
  end
  world.connection:query("COMMIT")
  local released = scale.time.now()
  local statuses = {}
  for index, one in ipairs(reads) do
    statuses[one:join()] = index
  end
  return statuses, scale.time.now() - released, active
end

--- Whether alpha's read is answered at once when what held it up is over, with beta active or not.
function checks.is_prompt(world, beta_is_active)
  local HOLD = 0.3
  for _ = 1, ROUNDS do
    local _, late = crowd(world, 1, HOLD, beta_is_active and function()
      target_mcp.request(world.beta, "ping")
    end)
    if late < HOLD * 0.3 then
      return true
    end
  end
  return false
end

local of_faults = {}
checks.of_faults = of_faults

function of_faults.slow_under_load(world)
  return checks.is_prompt(world, true)
end

function of_faults.wait_under_load(world)
  return within(0.06, 1, function()
    target_mcp.request(world.beta, "ping")
    world.alpha:get("/tasks/next?project=alpha")
  end)
end

function of_faults.slow_tail(world)
  return within(0.3, 100, function()
    world.alpha:get("/tasks/next?project=alpha")
  end)
end

function of_faults.slow_miss(world)
  return within(0.08, 1, function()
    world.redis:call("DEL", "resource:patterns:caching")
    world.alpha:get(CACHING)
  end)
end

function of_faults.slow_resources(world)
  return within(0.15, 10, function()
    world.alpha:get(CACHING)
  end)
end

function of_faults.slow_tools(world)
  return within(0.6, 10, function()
    call(world.alpha, "get_next_task")
  end)
end

function of_faults.slow_health(world)
  return within(0.15, 1, function()
    world.alpha:get("/health")
  end)
end

function of_faults.health_lies(world)
  local health
  for _ = 1, ROUNDS do
    health = world.alpha:get("/health"):json()
    if health.status == "healthy" then
      break
    end
  end
  return health.status == "healthy" and health.dependencies.database == "up" and health.dependencies.redis == "up"
end

function of_faults.metrics_lie(world)
  local requests = 'http_request_duration_seconds_count{route="/tasks",status="200"}'
  local misses = 'mcp_resource_cache_misses_total{resource_type="patterns"}'
  local requests_before, misses_before = metric(world, requests), metric(world, misses)
  for _ = 1, 4 do
    world.alpha:get("/tasks?project=alpha")
  end
  world.redis:call("DEL", "resource:patterns:caching")
  world.alpha:get(CACHING)
  return metric(world, requests) - requests_before == 4
    and metric(world, misses) - misses_before == 1
    and metric(world, "db_pool_max_used") >= 1
end

function of_faults.early_expiry(world)
  world.redis:call("DEL", "resource:patterns:caching")
  world.alpha:get(CACHING)
  return world.redis:call("PTTL", "resource:patterns:caching") > 200000
end

function of_faults.pool_leak(world)
  for _ = 1, 40 do
    world.alpha:get("/tasks?project=alpha")
  end
  return metric(world, 'db_pool_connections{state="active"}') == 0
end

function of_faults.pool_unbounded(world)
  local _, _, active = crowd(world, 6, 0)
  return active == 3
end

function of_faults.pool_timeout(world)
  local statuses = crowd(world, 6, 0.05)
  return statuses[503] == nil
end

function of_faults.pool_hoard(world)
  crowd(world, 3, 0)
  return metric(world, 'db_pool_connections{state="idle"}') == 2
end

function of_faults.connection_context_bleed(world)
  local foreign = 0
  for _ = 1, 12 do
    for project, client in pairs { alpha = world.alpha, beta = world.beta } do
      for _, task in ipairs(client:get("/tasks?project=" .. project):json().tasks) do
        foreign = foreign + (task.project_id == project and 0 or 1)
      end
    end
  end
  return foreign == 0
end

-- What was acknowledged right before the process was killed is there.
local function outlives_a_kill(world, write, is_there)
  local replica = world.box.targets[1]
  write()
  replica.process:kill("KILL")
  replica.process:wait()
  replica:start(world.box.settings)
  return is_there(world.alpha:get("/tasks?project=alpha"):json().tasks)
end

function of_faults.lost_ack(world)
  local added = outlives_a_kill(world, function()
    for _, item in ipairs { { description = "the registry names it" }, { task_id = "A-9", description = "named" } } do
      assert(target_client.add(world.alpha, item).status == 200)
    end
  end, function(tasks)
    return #tasks == 3
  end)
  local begun = outlives_a_kill(world, function()
    assert(target_client.set_status(world.alpha, "alpha", "A-1", "in_progress").status == 200)
  end, function(tasks)
    return tasks[1].status == "in_progress"
  end)
  assert(added == begun)
  return added
end

-- The statements that a list of alpha's tasks takes.
local function statements_of_list(world)
  world.connection:query("SELECT pg_stat_statements_reset()")
  world.alpha:get("/tasks?project=alpha")
  return world.connection:value("SELECT coalesce(sum(calls), 0)::int FROM pg_stat_statements "
    .. "WHERE query LIKE 'SELECT task_id, project_id%FROM tasks%'")
end

function of_faults.n_plus_one(world)
  local one = statements_of_list(world)
  for _ = 1, 9 do
    target_client.add(world.alpha, "another")
  end
  await(function() -- lost_ack is not what is judged here
    return world.connection:value("SELECT count(*) FROM tasks WHERE project_id = 'alpha'") == 10
  end)
  return one == 1 and statements_of_list(world) == 1
end

function of_faults.missing_index(world)
  world.connection:query("INSERT INTO tasks (task_id, project_id, description, status) SELECT 'T-' || n, 'alpha', "
    .. "'one of many', CASE n % 3 WHEN 0 THEN 'pending' ELSE 'completed' END FROM generate_series(1, 500) AS n")
  world.connection:query("ANALYZE tasks")
  world.connection:query("BEGIN")
  world.connection:query("SET LOCAL enable_seqscan = off")
  local plan = world.connection:query("EXPLAIN SELECT task_id FROM tasks WHERE project_id = 'alpha' "
    .. "AND status = 'pending' ORDER BY created_at, task_id LIMIT 1")
  world.connection:query("COMMIT")
  local lines = {}
  for index, row in ipairs(plan) do
    lines[index] = row["QUERY PLAN"]
  end
  return table.concat(lines, "\n"):find("tasks_project_status_created", 1, true) ~= nil
end

function of_faults.sticky_state(world)
  call(world.alpha, "store_artifact", { artifact_id = "US-001", content = "by replica a" })
  return read(world.alpha, ARTIFACTS .. "US-001") == "by replica a"
    and read(world.alpha_at_b, ARTIFACTS .. "US-001") == "by replica a"
end

function of_faults.stale_read(world)
  local function seen()
    return world.alpha_at_b:get("/tasks?project=alpha"):json().count,
      call(world.alpha_at_b, "get_next_task").structuredContent.task.task_id,
      world.alpha_at_b:get("/tasks/next?project=alpha"):json().task.task_id
  end
  seen()
  target_client.add(world.alpha, { task_id = "A-2", description = "by replica a" })
  target_client.set_status(world.alpha, "alpha", "A-1", "in_progress")
  local count, queued, first = seen()
  return count == 2 and queued == "A-2" and first == "A-2"
end

function of_faults.queue_foreign(world)
  assert(call(world.alpha, "get_next_task").structuredContent.task.task_id == "A-1")
  local queue = world.redis:call("ZRANGE", "queue:alpha", "0", "-1")
  return #queue == 1 and queue[1] == "A-1"
end

function of_faults.artifact_listing_leak(world)
  local listed = {}
  call(world.alpha, "store_artifact", { artifact_id = "EPIC-001", content = "alpha's" })
  call(world.beta, "store_artifact", { artifact_id = "EPIC-002", content = "beta's" })
  for _, resource in ipairs(target_mcp.request(world.alpha, "resources/list").result.resources) do
    listed[#listed + 1] = resource.uri:match("^" .. ARTIFACTS .. "(.*)$")
  end
  return table.concat(listed, " ") == "EPIC-001"
end

function of_faults.path_traversal(world)
  call(world.beta, "store_artifact", { artifact_id = "EPIC-001", content = "beta's" })
  return not read(world.alpha, ARTIFACTS .. "../beta/EPIC-001")
    and not read(world.alpha, ARTIFACTS .. "%2e%2e%2Fbeta%2FEPIC-001")
end

return checks
