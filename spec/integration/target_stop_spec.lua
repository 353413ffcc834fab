--- How scalerun-target ends under load: in peace it answers what it has begun, and whatever it has acknowledged
--- outlives even SIGKILL.
local scale = require "scalerun"
local target_client = require "spec.support.target_client"
local target_mcp = require "spec.support.target_mcp"

local WRITERS = 12
local ENOUGH = 60 -- acknowledged writes before the end

describe("the target under load", function()
  local box, connection

  setup(function()
    box = target_client.start()
    connection = scale.pg.connect(box.dsn)
  end)

  teardown(function()
    connection:close()
    box:stop()
  end)

  before_each(function()
    target_client.clear(box)
  end)

  -- What a writer does in turn; each returns what was acknowledged.
  local writes = {
    function(client, name)
      assert.equal(200, target_client.add(client, { task_id = name, description = "named" }).status)
      return "task", name
    end,
    function(client)
      local response = target_client.add(client, "unnamed")
      return "task", response:json().task_ids[1]
    end,
    function(client, name)
      assert.equal(200, target_client.add(client, { task_id = name, description = "to begin" }).status)
      assert.equal(200, target_client.set_status(client, "alpha", name, "in_progress").status)
      return "begun", name
    end,
    function(client)
      return "id", target_client.reserve(client, "alpha", "US", 1):json().reserved_ids[1]
    end,
    function(client, name)
      local id = "ADR-" .. name:gsub("%D", "")
      target_mcp.call(client, "store_artifact", { artifact_id = id, content = "of " .. name })
      return "artifact", id, "of " .. name
    end,
  }

  -- Writers go on until the target is gone, which `signal` ends. What was acknowledged by kind, and the errors.
  local function end_by(signal)
    local known, errors, total = { task = {}, begun = {}, id = {}, artifact = {} }, {}, 0
    local writers = {}
    for writer = 1, WRITERS do
      writers[writer] = scale.task.spawn(function()
        local client = target_client.new(box, "alpha")
        for round = 1, math.huge do
          local name = ("T-%d"):format(1000000 + writer * 10000 + round)
          local ok, kind, value, content = pcall(writes[round % #writes + 1], client, name)
          if not ok then
            errors[#errors + 1] = kind
            return
          end
          known[kind][value] = content or true
          total = total + 1
        end
      end)
    end
    while total < ENOUGH do
      scale.time.sleep(0.005)
    end
    local process = box.targets[1].process
    process:kill(signal)
    local ended = process:wait()
    for _, writer in ipairs(writers) do
      writer:join()
    end
    box.targets[1]:start(box.settings)
    return known, errors, ended
  end

  local function assert_kept(known)
    local rows, alpha = {}, target_client.new(box, "alpha")
    for _, row in ipairs(connection:query("SELECT task_id, status FROM tasks WHERE project_id = 'alpha'")) do
      rows[row.task_id] = row.status
    end
    for id in pairs(known.task) do
      assert.equal("pending", rows[id], id)
    end
    for id in pairs(known.begun) do
      assert.equal("in_progress", rows[id], id)
    end
    for id, content in pairs(known.artifact) do
      assert.equal(content, (target_mcp.read(alpha, "mcp://resources/artifacts/" .. id)))
    end
    for _ = 1, 20 do
      local id = target_client.reserve(alpha, "alpha", "US", 1):json().reserved_ids[1]
      assert.is_nil(known.id[id], id)
    end
  end

  it("answers what it has begun before SIGTERM ends it", function()
    local known, errors, ended = end_by "TERM"
    assert.same({ status = 0 }, ended)
    for _, err in ipairs(errors) do
      assert.equal("connect", err.kind, tostring(err))
    end
    assert_kept(known)
  end)

  it("loses nothing acknowledged to SIGKILL", function()
    local known = end_by "KILL"
    assert_kept(known)
  end)
end)
