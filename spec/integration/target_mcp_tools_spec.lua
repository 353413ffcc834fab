--- The target's resources, prompts and tools.
local scale = require "scalerun"
local target_client = require "spec.support.target_client"
local target_mcp = require "spec.support.target_mcp"
local call, read, request = target_mcp.call, target_mcp.read, target_mcp.request

local ARTIFACTS = "mcp://resources/artifacts/"

describe("the target's MCP server", function()
  local box, alpha, beta

  setup(function()
    box = scale.sandbox.start { projects = { "alpha", "beta" }, tasks = 0, reserve_rate = 0 }
    alpha, beta = target_client.new(box, "alpha"), target_client.new(box, "beta")
  end)

  teardown(function()
    box:stop()
  end)

  before_each(function()
    target_client.clear(box)
    local connection <close> = scale.redis.connect(box.redis_url)
    connection:call("FLUSHALL")
  end)

  local function assert_invalid(name, arguments)
    local result, err = call(alpha, name, arguments)
    assert.is_nil(result)
    assert.equal(-32602, err.code)
    return err.message
  end

  local function assert_failed(name, arguments, text)
    local result = call(alpha, name, arguments)
    assert.is_true(result.isError)
    assert.is_nil(result.structuredContent)
    assert.equal(text, result.content[1].text)
  end

  describe("resources", function()
    it("are read by their URIs", function()
      assert.is_truthy(read(alpha, "mcp://resources/sdlc/core"):find("^# Software Development Life Cycle: Core\n"))
      assert.is_truthy(read(alpha, "mcp://resources/patterns/caching"):find("^# Pattern: Caching\n"))
      assert.is_truthy(read(alpha, "mcp://resources/templates/prd"):find("^# Template: Product Requirements"))
    end)

    it("that are not there are not found", function()
      local uris = { "mcp://resources/patterns/none", "mcp://resources/sdlc/other", "mcp://resources/", "",
        "mcp://resources/patterns/../sdlc/core", "mcp://resources/patterns/%2e%2e%2fsdlc%2fcore",
        "mcp://resources/patterns/caching.md", "file:///etc/passwd", "mcp://resources/generators/epic",
        ARTIFACTS .. "../alpha/US-001", ARTIFACTS .. "%2e%2e%2falpha%2fUS-001", ARTIFACTS .. "US-001%00",
        ARTIFACTS .. "US-00\u{ff11}", ARTIFACTS .. "US-001/../US-001", ARTIFACTS .. "us-001",
        "mcp://resources/patterns/" .. ("../"):rep(600) .. "etc" }
      for _, uri in ipairs(uris) do
        local text, err = read(alpha, uri)
        assert.is_nil(text, uri)
        assert.equal(-32002, err.code, uri)
        assert.equal(uri, err.data.uri)
      end
      assert.equal(-32602, select(2, read(alpha, nil)).code)
      assert.equal(-32602, select(2, read(alpha, 7)).code)
      assert.equal(-32602, select(2, read(alpha, ("x"):rep(4096))).code)
    end)

    it("have the sizes of the real ones", function()
      for uri, kib in pairs {
        ["mcp://resources/sdlc/core"] = 33,
        ["mcp://resources/patterns/caching"] = 7,
        ["mcp://resources/patterns/architecture"] = 43,
        ["mcp://resources/templates/adr"] = 4,
        ["mcp://resources/templates/spec"] = 74,
      } do
        assert.near(kib * 1024, #read(alpha, uri), kib * 11, uri)
      end
    end)
  end)

  describe("prompts", function()
    local function get(name, arguments)
      local answer = request(alpha, "prompts/get", { name = name, arguments = arguments })
      return answer.result and answer.result.messages[1].content.text, answer.error
    end

    it("are the generators, with what the client says", function()
      local text = get("generator/epic", { task_id = "TASK-007", input_artifact = "PRD-001", focus = "two words" })
      assert.is_truthy(text:find("^# Generator: Epic\n"))
      local said = "\n- project: alpha\n- task_id: TASK-007\n- input_artifact: PRD-001\n- focus: two words\n"
      assert.is_truthy(text:find(said, 1, true))
      assert.is_truthy(get("generator/backlog-story"))
    end)

    it("are refused when they are wrong", function()
      for _, name in ipairs { "generator/none", "epic", "generator/", "generator/../sdlc/core", "generator/Epic",
        "" } do
        assert.equal(-32602, select(2, get(name)).code, name)
      end
      assert.equal(-32602, select(2, get("generator/epic", { task_id = "../x" })).code)
      assert.equal(-32602, select(2, get("generator/epic", { input_artifact = "prd" })).code)
      assert.equal(-32602, select(2, get("generator/epic", { focus = 7 })).code)
      assert.equal(-32602, select(2, get("generator/epic", { focus = ("x"):rep(2001) })).code)
      assert.equal(-32602, select(2, get("generator/epic", { project = "beta" })).code)
      assert.equal(-32602, select(2, get("generator/epic", "task")).code)
      assert.equal(-32602, request(alpha, "prompts/get").error.code)
    end)
  end)

  describe("tools", function()
    it("refuse arguments that break their schemas", function()
      assert.is_truthy(assert_invalid("reserve_id_range", {}):find("artifact_type: required", 1, true)
        or assert_invalid("reserve_id_range", {}):find("count: required", 1, true))
      assert_invalid("reserve_id_range", { artifact_type = "US", count = 0 })
      assert_invalid("reserve_id_range", { artifact_type = "US", count = 101 })
      assert_invalid("reserve_id_range", { artifact_type = "US", count = "3" })
      assert_invalid("reserve_id_range", { artifact_type = "us", count = 3 })
      assert_invalid("get_next_available_id", { artifact_type = "US", project = "beta" })
      assert_invalid("update_task_status", { task_id = "../x", status = "completed" })
      assert_invalid("update_task_status", { task_id = "TASK-001", status = "pending" })
      assert_invalid("add_task", { description = "" })
      assert_invalid("add_task", { description = "x", inputs = "x" })
      assert_invalid("get_next_task", { status = "done" })
      assert_invalid("no_such_tool", {})
      assert_invalid("", {})
      for _, id in ipairs { "US-1", "us-001", "../US-001", "US-001/../x", "US-001\n", "US-" .. ("0"):rep(4096),
        "US-\u{661}\u{662}\u{663}", "US-001%00", "US-00\u{ff11}", "US-001\u{202e}", "%2e%2e%2fUS-001", "" } do
        assert_invalid("store_artifact", { artifact_id = id, content = "x" })
        assert_invalid("resolve_artifact_path", { artifact_id = id })
      end
      assert.equal(-32602, request(alpha, "tools/call", { name = "get_next_task", arguments = "x" }).error.code)
      assert.equal(-32602, request(alpha, "tools/call", { name = 7 }).error.code)
      assert.equal(-32602, request(alpha, "tools/call").error.code)
      assert.equal(-32602, request(alpha, "tools/call",
        { name = "get_next_task", _meta = { progressToken = 1.5 } }).error.code)
    end)

    it("answer with text and the same as structured content", function()
      local result = call(alpha, "get_next_available_id", { artifact_type = "US" })
      assert.same(scale.json.decode(result.content[1].text), result.structuredContent)
      assert.equal("US-001", result.structuredContent.next_id)
      assert.is_false(result.isError)
    end)

    it("share ids with the REST API", function()
      assert.equal("US-001", call(alpha, "get_next_available_id", { artifact_type = "US" }).structuredContent.next_id)
      assert.same({ "US-002" }, target_client.reserve(beta, "beta", "US", 1):json().reserved_ids)
      local reserved = call(alpha, "reserve_id_range", { artifact_type = "US", count = 2 }).structuredContent
      assert.same({ "US-003", "US-004" }, reserved.reserved_ids)
      assert.equal(200, target_client.confirm(alpha, reserved).status)
    end)

    it("share tasks with the REST API", function()
      target_client.add(alpha, "by REST")
      local task = call(alpha, "get_next_task").structuredContent.task
      assert.equal("by REST", task.description)
      assert.equal("alpha", task.project_id)
      assert.same({ "TASK-002" }, call(alpha, "add_task", {
        description = "by MCP", generator_name = "epic", inputs = { "PRD-001" }, context_notes = "notes",
      }).structuredContent.task_ids)
      local listed = alpha:get("/tasks?project=alpha"):json().tasks[2]
      assert.same({ "by MCP", "epic", "notes", { "PRD-001" } },
        { listed.description, listed.generator_name, listed.context_notes, listed.inputs })
      local updated = call(alpha, "update_task_status", { task_id = "TASK-001", status = "in_progress" })
      assert.equal("in_progress", updated.structuredContent.updated_task.status)
      assert.equal("TASK-002", call(alpha, "get_next_task").structuredContent.task.task_id)
      assert.equal("TASK-001",
        call(alpha, "get_next_task", { status = "in_progress" }).structuredContent.task.task_id)
      assert.equal(200, target_client.set_status(alpha, "alpha", "TASK-002", "in_progress").status)
      assert.equal(scale.null, call(alpha, "get_next_task").structuredContent.task)
    end)

    it("see one project's tasks", function()
      target_client.add(alpha, "alpha's")
      assert.equal(scale.null, call(beta, "get_next_task").structuredContent.task)
      local result = call(beta, "update_task_status", { task_id = "TASK-001", status = "in_progress" })
      assert.equal("No such task", result.content[1].text)
      assert.equal("pending", alpha:get("/tasks?project=alpha"):json().tasks[1].status)
    end)

    it("say what they cannot do", function()
      assert_failed("update_task_status", { task_id = "TASK-404", status = "in_progress" }, "No such task")
      target_client.add(alpha, "one")
      assert_failed("update_task_status", { task_id = "TASK-001", status = "completed" },
        "status: cannot go from pending to completed; allowed: in_progress")
      assert_failed("add_task", { description = "again", task_id = "TASK-001" },
        "task_id: a task with such an id exists already; nothing was added")
    end)

    it("keep the order of tasks", function()
      for index = 1, 12 do
        if index % 2 == 0 then
          target_client.add(alpha, tostring(index))
        else
          call(alpha, "add_task", { description = tostring(index) })
        end
      end
      for index = 1, 12 do
        local task = call(alpha, "get_next_task").structuredContent.task
        assert.equal(tostring(index), task.description)
        call(alpha, "update_task_status", { task_id = task.task_id, status = "in_progress" })
      end
    end)

    it("rebuild a queue that is missing, and see through a stale one", function()
      local redis <close> = scale.redis.connect(box.redis_url)
      local connection <close> = scale.pg.connect(box.dsn)
      target_client.add(alpha, "one", "two", "three")
      assert.equal("one", call(alpha, "get_next_task").structuredContent.task.description)
      assert.same({ "TASK-001", "TASK-002", "TASK-003" }, redis:call("ZRANGE", "queue:alpha", "0", "-1"))
      assert.equal(0, redis:call("EXISTS", "queue:beta"))
      redis:call("DEL", "queue:alpha")
      assert.equal("one", call(alpha, "get_next_task").structuredContent.task.description)
      connection:query("DELETE FROM tasks WHERE task_id = 'TASK-001'")
      assert.equal("two", call(alpha, "get_next_task").structuredContent.task.description)
      assert.same({ "TASK-002", "TASK-003" }, redis:call("ZRANGE", "queue:alpha", "0", "-1"))
      connection:query("DELETE FROM tasks")
      assert.equal(scale.null, call(alpha, "get_next_task").structuredContent.task)
      assert.equal(0, redis:call("EXISTS", "queue:alpha"))
    end)

    it("report progress before the result when asked to", function()
      local response = target_mcp.post(alpha, { jsonrpc = "2.0", id = 9, method = "tools/call", params = {
        name = "store_artifact",
        arguments = { artifact_id = "US-001", content = "x" },
        _meta = { progressToken = "mine" },
      } })
      assert.equal("text/event-stream", response.headers["content-type"])
      local last, result = -1, nil
      for data in response.body:gmatch("event: message\ndata: ([^\n]+)\n\n") do
        assert.is_nil(result, "nothing comes after the result")
        local message = scale.json.decode(data)
        if message.method then
          assert.equal("notifications/progress", message.method)
          assert.equal("mine", message.params.progressToken)
          assert.is_true(message.params.progress > last)
          last = message.params.progress
        else
          result = message
        end
      end
      assert.equal(9, result.id)
      assert.is_false(result.result.isError)
      assert.is_true(last > 1)
    end)

    it("leave progress out where the client takes no events", function()
      local response = target_mcp.post(alpha, { jsonrpc = "2.0", id = 9, method = "tools/call", params = {
        name = "get_next_task", _meta = { progressToken = 1 },
      } }, { Accept = "application/json" })
      assert.is_false(response:json().result.isError)
    end)
  end)

  describe("artifacts", function()
    it("are stored, listed and read back, by their project alone", function()
      local text = "# EPIC-001: caf\u{e9}\n\n\"quoted\"\ttab\r\n" .. ("x"):rep(100000)
      local stored = call(alpha, "store_artifact", { artifact_id = "EPIC-001", content = text }).structuredContent
      assert.same({ true, #text, "artifacts/alpha/EPIC-001", ARTIFACTS .. "EPIC-001" },
        { stored.created, stored.size_bytes, stored.path, stored.uri })
      assert.equal(text, read(alpha, stored.uri))
      assert.equal(text, scale.fs.read(box.artifacts_dir .. "/alpha/EPIC-001"))
      assert.is_true(call(alpha, "resolve_artifact_path", { artifact_id = "EPIC-001" }).structuredContent.exists)
      assert.is_false(call(beta, "resolve_artifact_path", { artifact_id = "EPIC-001" }).structuredContent.exists)
      local _, err = read(beta, stored.uri)
      assert.equal(-32002, err.code)
      local function listed(client)
        for _, resource in ipairs(request(client, "resources/list").result.resources) do
          if resource.uri == stored.uri then
            return true
          end
        end
        return false
      end
      assert.is_true(listed(alpha))
      assert.is_false(listed(beta))
      assert.is_false(call(alpha, "store_artifact", { artifact_id = "EPIC-001", content = "y" })
        .structuredContent.created)
      assert.equal("y", read(alpha, stored.uri))
      for _, file in ipairs(scale.fs.list(box.artifacts_dir .. "/alpha")) do
        assert.is_truthy(file:find("^%u+%-%d+$"), "nothing temporary is left: " .. file)
      end
    end)

    it("of many writers stay whole", function()
      target_client.together(8, function(index)
        for round = 1, 10 do
          local letter = string.char(96 + index)
          call(alpha, "store_artifact", { artifact_id = "SPEC-001", content = letter:rep(20000 + round) })
          local text = read(alpha, ARTIFACTS .. "SPEC-001")
          assert.equal(#text, #text:match("^" .. text:sub(1, 1) .. "+"))
        end
      end)
    end)

    it("are checked against the rules of their type", function()
      local function validate(content, id)
        return call(alpha, "validate_artifact",
          { artifact_type = "EPIC", artifact_id = id, content = content }).structuredContent
      end
      local good = "# EPIC-001: x\n\n## Summary\n\n## Business Value\n## Scope\r\n## Acceptance Criteria"
      assert.is_true(validate(good, "EPIC-001").valid)
      assert.is_true(validate(good).valid)
      assert.is_false(validate(good, "EPIC-002").valid)
      assert.is_false(validate((good:gsub("## Scope", "## Scopes"))).valid)
      assert.equal(5, #validate("").errors)
      local template = read(alpha, "mcp://resources/templates/epic")
      assert.is_true(validate(template).valid)
    end)
  end)
end)
