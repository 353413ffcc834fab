--- Every fault of scalerun-target shows, and nothing shows without it.
local scale = require "scalerun"
local mcp_checks = require "spec.support.target_mcp_checks"
local service_checks = require "spec.support.target_service_checks"
local target_client = require "spec.support.target_client"
local fs = scale.fs

-- What a fault may break besides: where allocate() ends, a number may be left for the next allocation.
local MAY_BREAK = { unordered_id = { gap_id = true } }

local add, reserve, set_status = target_client.add, target_client.reserve, target_client.set_status

describe("the target's fault", function()
  local box, alpha, beta

  setup(function()
    box = target_client.start()
  end)

  teardown(function()
    box:stop()
  end)

  before_each(function()
    target_client.clear(box)
  end)

  local function show(fault)
    box:configure { fault = fault }
    alpha, beta = target_client.new(box, "alpha"), target_client.new(box, "beta")
    add(alpha, { task_id = "A-1", description = "alpha's" }, { task_id = "A-2", description = "alpha's" })
    add(beta, { task_id = "B-1", description = "beta's" })
  end

  -- How many of `count` single reservations (21) gave out an id again, how many numbers between them are missing, and
  -- how many new ones are smaller than one before them.
  local function allocate(count)
    count = count or 21
    local seen, again, late, first, last = {}, 0, 0, math.huge, 0
    for index = 1, count do
      local client, project = index % 2 == 0 and alpha or beta, index % 2 == 0 and "alpha" or "beta"
      local id = reserve(client, project, "US", 1):json().reserved_ids[1]
      local number = math.tointeger(id:match("%d+$"))
      again = again + (seen[id] and 1 or 0)
      late = late + (not seen[id] and number < last and 1 or 0)
      seen[id] = true
      first, last = math.min(first, number), math.max(last, number)
    end
    return again, last - first + 1 - (count - again), late
  end

  -- PostgreSQL's log with all that was logged before: its collector keeps the order, so that what a statement
  -- of our own leaves there comes last.
  local function complete_log()
    local mark = "mark-" .. scale.random.token(8)
    local connection <close> = scale.pg.connect(box.dsn)
    connection:query(("SELECT '%s'"):format(mark))
    local deadline = scale.time.now() + 20
    local log
    repeat
      log = fs.read(box.log)
    until log:find(mark, 1, true) or scale.time.now() > deadline
    return log
  end

  local function levels()
    local serializable, all = 0, 0
    for level in complete_log():gmatch('"statement: BEGIN ISOLATION LEVEL ([%u ]+)"') do
      all = all + 1
      serializable = serializable + (level == "SERIALIZABLE" and 1 or 0)
    end
    return serializable, all
  end

  local function owners(list)
    local found = {}
    for _, one in ipairs(list) do
      found[one.project_id] = true
    end
    return found
  end

  -- How many of a project's reads of its own tasks show those of others.
  local function foreign_reads(client, project, count)
    local foreign = 0
    for _ = 1, count do
      local found = owners(client:get("/tasks?project=" .. project):json().tasks)
      found[project] = nil
      foreign = foreign + (next(found) and 1 or 0)
    end
    return foreign
  end

  local function foreign_reads_of_both()
    local found = scale.task.all {
      function()
        return foreign_reads(alpha, "alpha", 12)
      end,
      function()
        return foreign_reads(beta, "beta", 12)
      end,
    }
    return found[1] + found[2]
  end

  local function read_other()
    local list, first = alpha:get("/tasks?project=beta"), alpha:get("/tasks/next?project=beta")
    return list.status, first.status, list:json().tasks, first:json().task
  end

  local function write_other(named)
    return set_status(alpha, named, "B-1", "in_progress").status
  end

  -- What is right; every fault breaks one of these.
  local checks = {
    duplicate_id = function()
      return (allocate()) == 0
    end,
    gap_id = function()
      return (select(2, allocate())) == 0
    end,
    unordered_id = function()
      return (select(3, allocate(45))) == 0
    end,
    allocation_conflict = function()
      local refused = 0
      for _, status in ipairs(target_client.together(10, function()
        return reserve(alpha, "alpha", "US", 1).status
      end)) do
        refused = refused + (status == 200 and 0 or 1)
      end
      return refused == 0
    end,
    read_committed = function()
      local serializable, all = levels()
      allocate()
      local serializable_now, all_now = levels()
      return all_now - all == 21 and serializable_now - serializable == 21
    end,
    leak_tasks = function()
      local _, _, list, first = read_other()
      return next(list or {}) == nil and (first == nil or first == scale.null)
    end,
    cross_read_error = function()
      local list, first = read_other()
      return list == 200 and first == 200
    end,
    leak_tasks_under_load = function()
      assert.equal(0, foreign_reads(alpha, "alpha", 12))
      return foreign_reads_of_both() == 0
    end,
    cross_write = function()
      return write_other("beta") == 404
    end,
  }

  it("list is what is tested here, in target_mcp_faults_spec and in target_service_faults_spec", function()
    local listed = {}
    local child = scale.process.run {
      require("scalerun.sandbox.programs").target(), "--faults",
    }
    for name in child.stdout:gmatch("([%w_]+) +[^\n]+\n") do
      assert.is_function(checks[name] or mcp_checks[name] or service_checks.of_faults[name], name)
      listed[name] = true
    end
    for name in pairs(checks) do
      assert.is_true(listed[name], name)
    end
  end)

  it("is absent from normal runs", function()
    show(false)
    for name, check in pairs(checks) do
      assert.is_true(check(), name)
    end
  end)

  for name in pairs(checks) do
    it(name .. " shows, and only it", function()
      show(name)
      for other, check in pairs(checks) do
        local right = check()
        if not (MAY_BREAK[name] or {})[other] then
          assert.equal(other ~= name, right, other)
        end
      end
    end)
  end

  it("cross_write also shows when only the task is named", function()
    show "cross_write"
    assert.equal(200, write_other("alpha"))
    assert.equal("in_progress", beta:get("/tasks?project=beta"):json().tasks[1].status)
  end)
end)
