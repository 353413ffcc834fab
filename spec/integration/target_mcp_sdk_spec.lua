--- The official SDK's client works with the target's MCP server (spec/peers/sdk_client.mjs, installed by
--- scripts/peers).
local scale = require "scalerun"

local root = debug.getinfo(1, "S").source:match("^@(.*)spec/integration/[^/]+$")
local folder = scale.fs.realpath(root .. "spec/peers")

describe("the target's MCP server and the SDK's client:", function()
  local box, seen

  setup(function()
    box = scale.sandbox.start { projects = { "alpha" }, tasks = 0, page_size = 4 }
    local child = scale.process.run {
      folder .. "/node_modules/.bin/node", "sdk_client.mjs", box.url .. "/mcp", box.keys.alpha,
      cwd = folder,
      timeout = "60s",
    }
    assert.equal(0, child.status, child.stderr)
    seen = scale.json.decode(child.stdout)
  end)

  teardown(function()
    box:stop()
  end)

  it("they agree on the newest revision, without a session", function()
    assert.equal("scalerun-target", seen.server)
    assert.equal("2025-11-25", seen.protocol)
    assert.equal(scale.null, seen.session)
  end)

  it("lists are read page by page", function()
    assert.equal(18, #seen.resources)
    assert.equal(5, seen.pages)
    assert.equal("mcp://resources/patterns/api-design", seen.resources[1])
    assert.equal(3, #seen.templates)
    assert.equal(10, #seen.prompts)
    assert.same({
      "add_task", "get_next_available_id", "get_next_task", "reserve_id_range", "resolve_artifact_path",
      "store_artifact", "update_task_status", "validate_artifact",
    }, seen.tools)
  end)

  it("resources and prompts are read", function()
    assert.is_true(seen.core > 33000)
    assert.is_truthy(seen.prompt:find("^# Generator: Epic\n"))
    assert.is_truthy(seen.prompt:find("\n- project: alpha\n- task_id: TASK-001\n", 1, true))
  end)

  it("tools answer with structured content that keeps to their schemas", function()
    assert.same({
      success = true,
      artifact_id = "EPIC-001",
      uri = "mcp://resources/artifacts/EPIC-001",
      path = "artifacts/alpha/EPIC-001",
      size_bytes = 4,
      created = true,
    }, seen.stored)
    assert.equal("kept", seen.artifact)
    assert.is_true(seen.path.exists)
    assert.is_false(seen.validation.valid)
    assert.same({ "TASK-001" }, seen.added.task_ids)
    assert.equal("TASK-001", seen.task.task.task_id)
    assert.equal("in_progress", seen.updated.updated_task.status)
    assert.equal(scale.null, seen.none.task)
    assert.equal("US-001", seen.id.next_id)
    assert.same({ "US-002", "US-003" }, seen.reserved.reserved_ids)
  end)

  it("progress is reported before the result", function()
    local last = -1
    for _, one in ipairs(seen.progress) do
      assert.is_true(one.progress > last)
      last = one.progress
    end
    assert.equal(4, #seen.progress)
    assert.equal(4, last)
  end)

  it("a tool's failure is a result, a wrong request is an error", function()
    assert.same({ isError = true, text = "No such task" }, seen.failed)
    for _, name in ipairs { "tool", "argument", "prompt", "cursor" } do
      assert.equal(-32602, seen.refused[name].code, name)
    end
    assert.equal(-32002, seen.refused.resource.code)
  end)
end)
