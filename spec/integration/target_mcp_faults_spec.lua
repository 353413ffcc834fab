--- Every fault of the target's MCP side shows, and nothing shows without it.
local scale = require "scalerun"
local checks = require "spec.support.target_mcp_checks"
local target_client = require "spec.support.target_client"

-- What a fault cannot but break besides.
local IMPLIED = {
  cache_off = { cache_stampede = true },
  artifact_shared_path = { artifact_cross_read = true },
}

describe("the target's MCP fault", function()
  local box, alpha, beta

  setup(function()
    box = target_client.start()
  end)

  teardown(function()
    box:stop()
  end)

  -- A target with the fault, an empty Redis, and a task of each project.
  local function show(fault)
    target_client.clear(box)
    box:configure { fault = fault }
    local connection <close> = scale.redis.connect(box.redis_url)
    connection:call("FLUSHALL")
    for _, entry in ipairs(scale.fs.list(box.artifacts_dir)) do
      scale.fs.remove(box.artifacts_dir .. "/" .. entry)
    end
    alpha, beta = target_client.new(box, "alpha"), target_client.new(box, "beta")
    target_client.add(alpha, { task_id = "A-1", description = "alpha's" })
    target_client.add(beta, { task_id = "B-1", description = "beta's" })
  end

  it("is absent from normal runs", function()
    show(false)
    for name, check in pairs(checks) do
      assert.is_true(check(box, alpha, beta), name)
    end
  end)

  for name in pairs(checks) do
    it(name .. " shows, and only it", function()
      show(name)
      for other, check in pairs(checks) do
        if not (IMPLIED[name] or {})[other] then
          assert.equal(other ~= name, check(box, alpha, beta), other)
        end
      end
    end)
  end
end)
