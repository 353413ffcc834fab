-- One side of a comparison: BENCH_TASKS tasks that do nothing but one kind of operation for BENCH_SECONDS seconds.
-- Its last line on stdout: how many operations ended well, in how many seconds, for how many seconds of CPU. Any
-- failure ends it.
local scale = require "scalerun"

local function setting(name)
  return os.getenv(name) or error(name .. " is not set: scripts/bench starts this script", 0)
end

--- Each kind prepares what it needs and returns the operation of task number `index`.
---@type table<string, fun(): fun(index: integer): fun()>
local kinds = {}

function kinds.http()
  local url, get = setting "BENCH_URL", scale.http.get
  return function()
    return function()
      local response = get(url)
      if response.status ~= 200 then
        error(("status %d instead of 200"):format(response.status))
      end
    end
  end
end

local function connections(connect)
  local list = {}
  for index = 1, tonumber(setting "BENCH_CONNECTIONS") do
    list[index] = connect()
  end
  return list
end

function kinds.redis()
  local list = connections(function()
    return scale.redis.connect(setting "BENCH_URL")
  end)
  return function(index)
    local redis = list[index % #list + 1]
    return function()
      if redis:call("GET", "bench") ~= "value" then
        error "not the value that was set"
      end
    end
  end
end

function kinds.pg()
  local list = connections(function()
    return scale.pg.connect(setting "BENCH_URL")
  end)
  local random = math.random
  return function(index)
    local pg = list[index % #list + 1]
    return function()
      local rows = pg:query("SELECT abalance FROM pgbench_accounts WHERE aid = $1", random(100000))
      if rows[1].abalance ~= 0 then
        error "not the row that pgbench made"
      end
    end
  end
end

local kind = setting "BENCH_KIND"
local operation_of = kinds[kind]()
local stopped = false
local tasks = {}
local started, cpu = scale.time.now(), os.clock()
for index = 1, tonumber(setting "BENCH_TASKS") do
  local operation = operation_of(index)
  tasks[index] = scale.task.spawn(function()
    local count = 0
    while not stopped do
      operation()
      count = count + 1
    end
    return count
  end)
end
scale.time.sleep(tonumber(setting "BENCH_SECONDS"))
stopped = true
local total = 0
for _, task in ipairs(tasks) do
  total = total + task:join()
end
print(total, scale.time.now() - started, os.clock() - cpu)
