--- Witnesses that answer from the tape of a stored run. Calls are looked up by object, method and arguments; the same
--- call again gets the next answer. What is not on the tape raises an error of kind "tape", which makes a check
--- inconclusive.
local errors = require "scalerun.errors"
local json = require "scalerun.json"
local null = require("scalerun.core.data").null
local pack = require "scalerun.stored.pack"
local tape = require "scalerun.stored.tape"

---@class scalerun.Replay
---@field step string which part of the scenario is judged
local Replay = {}
Replay.__index = Replay

local replay = {}

local number_of = setmetatable({}, { __mode = "k" }) -- proxy → { replay, number, name }

local function key_of(step, number, method, arguments)
  return ("%s\0%d\0%s\0%s"):format(step, number, method, json.encode(json.array(arguments)))
end

-- Arguments as they stand on the tape.
local function arguments_of(...)
  local list = table.pack(...)
  for index = 1, list.n do
    local packed = pack.pack(list[index], function(value)
      if type(value) == "function" then
        return { ["$function"] = true }
      elseif number_of[value] then
        return { ["$object"] = number_of[value].number }
      end
    end)
    list[index] = packed == nil and null or packed
  end
  list.n = nil
  return list
end

local SHOWN = 200

function Replay:next_entry(object, method, arguments)
  local queue = self.queues[key_of(self.step, object.number, method, arguments)]
  if queue and queue.at <= #queue then
    queue.at = queue.at + 1
    return queue[queue.at - 1]
  elseif queue and method:sub(1, 1) == "." then
    return queue[#queue] -- a field is still what it was
  end
  local shown = json.encode(json.array(arguments))
  error(errors.new {
    kind = "tape",
    operation = object.name .. (method:sub(1, 1) == "." and method or ":" .. method),
    message = ("the stored run has no answer to this: %s"):format(
      #shown > SHOWN and shown:sub(1, SHOWN) .. "…" or shown),
  }, 0)
end

function Replay:value(taped, name)
  return pack.unpack(taped, function(kind, value)
    if kind == "$object" then
      return self:object(value.n, name, value.fields)
    end
  end)
end

function Replay:values(list, name)
  local values = {}
  for index, taped in ipairs(list) do
    if taped ~= null then
      values[index] = self:value(taped, name)
    end
  end
  return table.unpack(values, 1, #list)
end

function Replay:call(object, method, ...)
  local given = table.pack(...)
  local entry = self:next_entry(object, method, arguments_of(...))
  local name = ("%s:%s()"):format(object.name, method)
  for _, called in ipairs(entry.f or {}) do
    given[called.i](self:values(called.a, name))
  end
  if entry.e then
    error(tape.error_of(entry.e), 0)
  end
  return self:values(entry.r, name)
end

local Proxy = {}

-- Whether a name is a method or a field shows on the tape.
function Proxy.__index(proxy, key)
  local object = number_of[proxy]
  local self = object.replay
  local field = "." .. tostring(key)
  if self.queues[key_of(self.step, object.number, field, {})] then
    return self:values(self:next_entry(object, field, {}).r, object.name .. field)
  end
  return function(_, ...)
    return self:call(object, key, ...)
  end
end

function Proxy.__call(proxy, ...)
  local object = number_of[proxy]
  return object.replay:call(object, "()", ...)
end

function Proxy.__close() end

function Replay:object(number, name, fields)
  local proxy = self.proxies[number]
  if not proxy then
    proxy = {}
    for key, value in pairs(fields and pack.unpack(fields) or {}) do
      proxy[key] = value
    end
    number_of[proxy] = { replay = self, number = number, name = name }
    self.proxies[number] = setmetatable(proxy, Proxy)
  end
  return proxy
end

--- The object that was wrapped first: the deployment.
---@return table
function Replay:root()
  return self:object(0, "run", nil)
end

---@param entries table[] of a tape, as they were stored
---@return scalerun.Replay
function replay.new(entries)
  local self = setmetatable({ step = "begin", queues = {}, proxies = {} }, Replay)
  for _, entry in ipairs(entries) do
    local key = key_of(entry.step, entry.o, entry.m, entry.a)
    self.queues[key] = self.queues[key] or { at = 1 }
    table.insert(self.queues[key], entry)
  end
  return self
end

return replay
