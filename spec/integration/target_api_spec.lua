--- The tasks of scalerun-target's API, its keys and its refusals, as a client sees them.
local scale = require "scalerun"
local target_client = require "spec.support.target_client"
local add, body = target_client.add, target_client.body
local reserve, set_status = target_client.reserve, target_client.set_status

describe("the Task Tracking API", function()
  local box, alpha, beta, anyone

  setup(function()
    box, alpha, beta = target_client.start()
    anyone = target_client.new(box)
  end)

  teardown(function()
    box:stop()
  end)

  before_each(function()
    target_client.clear(box)
  end)

  describe("keys", function()
    it("open everything but health and metrics", function()
      assert.equal(200, anyone:get("/health").status)
      assert.equal(200, anyone:get("/metrics").status)
      for _, header in ipairs { false, "", "Bearer", "Bearer " .. box.keys.alpha .. "x", "Basic " .. box.keys.alpha,
        "Bearer " .. box.keys.alpha:sub(1, -2) } do
        local response = anyone:get("/tasks?project=alpha", { headers = { Authorization = header } })
        assert.is_false(body(401, response).success)
        assert.matches("^Bearer", response.headers["WWW-Authenticate"])
      end
      assert.equal(200, anyone:get("/tasks?project=alpha", {
        headers = { Authorization = "bearer " .. box.keys.alpha },
      }).status)
    end)

    it("open one project: reads of another are empty", function()
      body(200, add(beta, "secret"))
      for _, named in ipairs { "beta", "no-such-project" } do
        assert.same({ success = true, tasks = {}, count = 0 }, body(200, alpha:get("/tasks?project=" .. named)))
        local nothing = body(200, alpha:get("/tasks/next?project=" .. named))
        assert.equal(scale.null, nothing.task)
        assert.is_string(nothing.message)
      end
      assert.equal(1, body(200, beta:get("/tasks?project=beta")).count)
    end)

    it("open one project: writes to another change nothing", function()
      body(200, add(beta, { task_id = "B-1", description = "theirs" }))
      body(404, set_status(alpha, "beta", "B-1", "in_progress"))
      body(404, set_status(alpha, "alpha", "B-1", "in_progress"))
      body(404, add(alpha, { description = "mine" }, { description = "x", project_id = "beta" }))
      body(404, alpha:post("/tasks/batch?project=beta", { json = { tasks = { { description = "x" } } } }))
      body(404, alpha:get("/ids/next?type=US&project=beta"))
      body(404, reserve(alpha, "beta", "US", 1))
      local reserved = body(200, reserve(beta, "beta", "US", 1))
      body(404, target_client.confirm(alpha, reserved))
      assert.equal(0, body(200, alpha:get("/tasks?project=alpha")).count)
      assert.equal("pending", body(200, beta:get("/tasks/next?project=beta")).task.status)
      assert.same({ "US-001" }, reserved.reserved_ids)
    end)
  end)

  describe("tasks", function()
    it("come oldest first, page by page", function()
      local expected = {}
      for batch = 1, 3 do
        local list = {}
        for index = 1, 10 do
          list[index] = ("task %d of batch %d"):format(index, batch)
        end
        for _, id in ipairs(body(200, add(alpha, table.unpack(list))).task_ids) do
          expected[#expected + 1] = id
        end
      end
      local seen, path = {}, "/tasks?project=alpha&status=pending&limit=7"
      local cursor = ""
      repeat
        local page = body(200, alpha:get(path .. cursor))
        assert.equal(#page.tasks, page.count)
        for _, one in ipairs(page.tasks) do
          seen[#seen + 1] = one.task_id
        end
        cursor = page.next_cursor and "&cursor=" .. page.next_cursor
      until not cursor
      assert.same(expected, seen)
      assert.equal("TASK-001", seen[1])
    end)

    it("have all their fields", function()
      body(200, add(alpha, {
        task_id = "T-1", description = 'say "hé\\llo"\n', generator_name = "g", inputs = { "a" },
        expected_outputs = { "b", { c = 1 } }, context_notes = "n",
      }))
      local one = body(200, alpha:get("/tasks/next?project=alpha")).task
      assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d+Z$", one.created_at)
      one.created_at, one.updated_at = nil, nil
      assert.same({
        task_id = "T-1", project_id = "alpha", description = 'say "hé\\llo"\n', generator_name = "g",
        status = "pending", inputs = { "a" }, expected_outputs = { "b", { c = 1 } }, context_notes = "n",
        completed_at = scale.null, completion_notes = scale.null,
      }, one)
      assert.equal("T-1", body(200, alpha:get("/tasks/next?project=alpha")).task.task_id)
    end)

    it("go from pending to in_progress to completed, and no other way", function()
      body(200, add(alpha, { task_id = "T-1", description = "x" }))
      local function refused(status, allowed)
        assert.matches("allowed: " .. allowed, body(400, set_status(alpha, "alpha", "T-1", status)).error, 1, true)
      end
      refused("completed", "in_progress")
      refused("pending", "in_progress")
      body(200, set_status(alpha, "alpha", "T-1", "in_progress"))
      refused("in_progress", "completed")
      local done = body(200, alpha:put("/tasks/T-1/status?project=alpha", {
        json = { status = "completed", completion_notes = "well done" },
      })).updated_task
      assert.equal("completed", done.status)
      assert.equal("well done", done.completion_notes)
      assert.is_string(done.completed_at)
      refused("in_progress", "none")
      body(404, set_status(alpha, "alpha", "T-2", "in_progress"))
      assert.equal("T-1", body(200, alpha:get("/tasks/next?project=alpha&status=completed")).task.task_id)
    end)

    it("are taken by one of many", function()
      body(200, add(alpha, { task_id = "T-1", description = "x" }))
      local won = 0
      for _, status in ipairs(target_client.together(20, function()
        return set_status(alpha, "alpha", "T-1", "in_progress").status
      end)) do
        won = won + (status == 200 and 1 or 0)
      end
      assert.equal(1, won)
    end)

    it("are added all or not at all", function()
      body(200, add(alpha, { task_id = "T-1", description = "x" }))
      body(409, add(alpha, "y", { task_id = "T-1", description = "again" }))
      body(409, add(alpha, { task_id = "T-2", description = "x" }, { task_id = "T-2", description = "again" }))
      body(400, add(alpha, "y", { description = 7 }))
      assert.equal(1, body(200, alpha:get("/tasks?project=alpha")).count)
    end)

    it("get ids that no task has", function()
      body(200, add(alpha, { task_id = "TASK-002", description = "x" }))
      local added = body(200, add(alpha, "a", "b", { task_id = "TASK-007", description = "c" }))
      assert.same({ "TASK-008", "TASK-009", "TASK-007" }, added.task_ids)
      assert.equal(3, added.tasks_added)
    end)
  end)

  describe("bad requests", function()
    local function said(field, response)
      assert.matches(field .. ": ", body(400, response).error, 1, true)
    end

    it("are told which parameter is wrong", function()
      for path, field in pairs {
        ["/tasks"] = "project",
        ["/tasks?project=A"] = "project",
        ["/tasks?project=alpha&project=beta"] = "project",
        ["/tasks?project=alpha&limit=0"] = "limit",
        ["/tasks?project=alpha&limit=1001"] = "limit",
        ["/tasks?project=alpha&status=done"] = "status",
        ["/tasks?project=alpha&cursor=1"] = "cursor",
        ["/ids/next?project=alpha"] = "type",
        ["/ids/next?project=alpha&type=us"] = "type",
      } do
        said(field, alpha:get(path))
      end
      assert.matches("US, SPEC, TASK", body(400, alpha:get("/ids/next?project=alpha&type=X")).error, 1, true)
      for _, path in ipairs { "/tasks?project=al%00pha", "/tasks?project=%zz", "/tasks?project=%ff" } do
        assert.matches("URL", body(400, alpha:get(path)).error)
      end
    end)

    it("are told which member is wrong", function()
      for text, field in pairs {
        ["{"] = "body",
        ["[]"] = "body",
        ['{"tasks":{}}'] = "tasks",
        ['{"tasks":[]}'] = "tasks",
        ['{"tasks":[7]}'] = "tasks[0]",
        ['{"tasks":[{"description":"x"},{}]}'] = "tasks[1].description",
        ['{"tasks":[{"description":"a\\u0000"}]}'] = "body",
        ['{"tasks":[{"description":"a","inputs":"b"}]}'] = "tasks[0].inputs",
        ['{"tasks":[{"description":"a","task_id":"../b"}]}'] = "tasks[0].task_id",
        ['{"tasks":[{"description":"a","status":"completed"}]}'] = "tasks[0].status",
      } do
        said(field, alpha:post("/tasks/batch", { body = text }))
      end
      local many = {}
      for index = 1, 101 do
        many[index] = { description = "x" }
      end
      said("tasks", alpha:post("/tasks/batch", { json = { tasks = many } }))
      said("count", reserve(alpha, "alpha", "US", 0))
      said("count", reserve(alpha, "alpha", "US", 101))
      said("count", reserve(alpha, "alpha", "US", "1"))
      said("count", reserve(alpha, "alpha", "US", nil))
      said("project_id", reserve(alpha, nil, "US", 1))
      said("type", reserve(alpha, "alpha", nil, 1))
      said("reservation_id", alpha:post("/ids/confirm", { json = { reservation_id = "x" } }))
      said("status", alpha:put("/tasks/T-1/status?project=alpha", { json = { status = "done" } }))
    end)

    it("find no endpoint, or not with this method", function()
      body(404, alpha:get("/tasks/"))
      body(404, alpha:get("/nothing"))
      local response = alpha:delete("/tasks?project=alpha")
      body(405, response)
      assert.equal("GET, HEAD", response.headers.Allow)
      assert.equal(405, alpha:head("/ids/next?type=US&project=alpha").status)
      assert.equal(200, alpha:head("/tasks?project=alpha").status)
    end)

    it("are refused when they are too long", function()
      body(413, alpha:post("/tasks/batch", { body = ("x"):rep(1024 * 1024 + 1) }))
      body(400, alpha:post("/tasks/batch", { body = ("x"):rep(1024 * 1024) }))
    end)
  end)
end)
