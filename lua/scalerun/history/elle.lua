--- The history as elle-cli (https://github.com/ligurio/elle-cli) reads it: one JSON array of invocations and
--- completions in the order of time. An operation whose outcome nobody knows is completed as "info", and a process
--- that has one is not used again: the user's next operation comes from a new process.
local fs = require "scalerun.fs"
local json = require "scalerun.json"

local elle = {}

-- As sr_history_outcome.
local refused = { connect = true, dns = true, tls = true, invalid = true, missing = true, refused = true }

local function outcome(op)
  if not op.error then
    return "ok"
  elseif op.error:find("^http 4") and op.error ~= "http 408" or refused[op.error] then
    return "fail"
  end
  return "info"
end

local function or_null(value)
  if value == nil then
    return json.null
  end
  return value
end

-- What an operation is to a model: f, the value that goes in, the value that came out; nil where it is none.
local models = {}

function models.register(op)
  local key = ("%s %s %s"):format(op.project, op.kind, op.key or "")
  if op.f == "write" then
    local value = json.array { json.array { "w", key, or_null(op.input) } }
    return "txn", value, value
  elseif op.f == "read" then
    return "txn", json.array { json.array { "r", key, json.null } },
      json.array { json.array { "r", key, or_null(op.output) } }
  end
end

function models.counter(op)
  if op.f == "allocate" then
    local count = type(op.output) == "table" and #op.output or 1
    return "add", count, count
  elseif op.f == "read" and math.type(op.output) == "integer" then
    return "read", json.null, op.output
  end
end

local function events_of(history, model, query)
  local events, count = {}, 0
  for op in history:ops(query) do
    local f, input, output = model(op)
    if f then
      count = count + 1
      local user = ("%s/%s/%d"):format(op.project, op.phase or "", op.user)
      -- One process does one thing at a time: equal instants must not swap an end and the next beginning.
      events[#events + 1] = { time = op.started, rank = 1, number = count, user = user, type = "invoke", f = f,
        value = input }
      local kind = outcome(op)
      events[#events + 1] = { time = op.ended, rank = op.ended > op.started and 0 or 2, number = count, user = user,
        type = kind, f = f, value = kind == "ok" and output or input }
    end
  end
  table.sort(events, function(a, b)
    if a.time ~= b.time then
      return a.time < b.time
    elseif a.rank ~= b.rank then
      return a.rank < b.rank
    end
    return a.number < b.number
  end)
  return events, count
end

-- A user's process; one that is busy (tasks of the user's own run at once) or has ended with "info" is not taken.
local function processes()
  local free, by_op, made = {}, {}, 0
  return function(event)
    if event.type == "invoke" then
      local list = free[event.user]
      local process = list and table.remove(list)
      if not process then
        process, made = made, made + 1
      end
      by_op[event.number] = process
      return process
    end
    local process = by_op[event.number]
    by_op[event.number] = nil
    if event.type ~= "info" then
      free[event.user] = free[event.user] or {}
      table.insert(free[event.user], process)
    end
    return process
  end
end

--- Writes the file. Returns how many operations are in it.
---@param history scale.History
---@param path string
---@param model "register"|"counter"
---@param query scale.HistoryQuery
---@return integer
function elle.export(history, path, model, query)
  if not models[model] then
    error(("history:export_elle: the model is 'register' or 'counter', not '%s'"):format(tostring(model)), 3)
  end
  local events, count = events_of(history, models[model], query)
  local process_of, lines = processes(), {}
  for index, event in ipairs(events) do
    lines[index] = json.encode {
      type = event.type,
      f = event.f,
      value = event.value,
      process = process_of(event),
      time = math.tointeger(event.time * 1e9 // 1),
      index = index - 1,
    }
  end
  fs.write(path, "[" .. table.concat(lines, ",\n") .. "]\n")
  return count
end

return elle
