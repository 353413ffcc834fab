--- Every fault of the target as a service shows, and nothing shows without it.
local checks = require "spec.support.target_service_checks"
local scale = require "scalerun"
local target_client = require "spec.support.target_client"

local SETTINGS = { pool_size = 2, max_overflow = 1, reserve_rate = 0 }

describe("the target's service fault", function()
  local box, second, connection, redis

  setup(function()
    box = target_client.start()
    second = target_client.second(box)
    connection = scale.pg.connect(box.dsn)
    redis = scale.redis.connect(box.redis_url)
  end)

  teardown(function()
    redis:close()
    connection:close()
    second:stop()
    box:stop()
  end)

  local function make_world()
    local at_b = { url = second.url, keys = box.keys }
    return {
      box = box,
      connection = connection,
      redis = redis,
      alpha = target_client.new(box, "alpha"),
      beta = target_client.new(box, "beta"),
      alpha_at_b = target_client.new(at_b, "alpha"),
    }
  end

  local function clear(world)
    target_client.clear(box)
    redis:call("FLUSHALL")
    for _, entry in ipairs(scale.fs.list(box.artifacts_dir)) do
      scale.fs.remove(box.artifacts_dir .. "/" .. entry)
    end
    connection:query([[INSERT INTO tasks (task_id, project_id, description)
      VALUES ('A-1', 'alpha', 'alpha''s'), ('B-1', 'beta', 'beta''s')]])
    return world
  end

  -- Both replicas with the fault, a task of each project, nothing else.
  local function show(fault)
    local settings = { fault = fault }
    for name, value in pairs(SETTINGS) do
      settings[name] = value
    end
    second:stop()
    box:configure(settings)
    second:start(settings)
    return clear(make_world())
  end

  describe("is absent from normal runs:", function()
    local world

    setup(function()
      world = show(false)
    end)

    for name, check in pairs(checks.of_faults) do
      it(name, function()
        assert.is_true(check(clear(world)))
      end)
    end
  end)

  for name, check in pairs(checks.of_faults) do
    it(name .. " shows", function()
      assert.is_false(check(show(name)))
    end)
  end

  it("slow_under_load does not show while one project is alone", function()
    local world = show "slow_under_load"
    assert.is_false(checks.is_prompt(world, true))
    scale.time.sleep(0.6) -- beta has been silent for longer than it counts as active
    assert.is_true(checks.is_prompt(world, false))
  end)

  it("pool_leak leaves half of the pool", function()
    local world = show "pool_leak"
    for _ = 1, 100 do
      assert.equal(200, world.alpha:get("/tasks?project=alpha").status)
    end
    assert.is_false(checks.of_faults.pool_leak(world))
  end)

  it("lost_ack loses nothing when the process may end in peace", function()
    local world = show "lost_ack"
    assert.equal(200, target_client.add(world.alpha, "two").status)
    box.targets[1]:stop()
    box.targets[1]:start(box.settings)
    assert.equal(2, world.alpha:get("/tasks?project=alpha"):json().count)
  end)

  it("sticky_state forgets with the process", function()
    local world = show "sticky_state"
    checks.of_faults.sticky_state(world)
    assert.same({}, scale.fs.list(box.artifacts_dir))
    box.targets[1]:stop()
    box.targets[1]:start(box.settings)
    assert.is_false(checks.of_faults.sticky_state(world))
  end)

  it("missing_index is undone by the next start without it", function()
    show "missing_index"
    assert.is_true(checks.of_faults.missing_index(show(false)))
  end)
end)
