--- What witnesses answered, call by call, so that a stored run can be judged again without them. A wrapped object is
--- used as the object itself; every call of a method, with its arguments and what came of it, goes onto the tape, and
--- objects that are answers are wrapped in turn.
local data = require "scalerun.core.data"
local errors = require "scalerun.errors"
local pack = require "scalerun.stored.pack"

---@class scalerun.Tape
---@field entries table[] in the order in which calls ended: step, o (object), m (method), a (arguments), r (results)
---  or e (error), f (what functions among the arguments were called with)
---@field step string which part of the scenario is under way
local Tape = {}
Tape.__index = Tape

local tape = {}

local real_of = setmetatable({}, { __mode = "k" }) -- proxy → { tape, object, number }

---@return scalerun.Tape
function tape.new()
  return setmetatable({ entries = {}, step = "begin", count = 0, proxies = setmetatable({}, { __mode = "k" }) }, Tape)
end

-- Metatables that say how data is written, not what it can do.
local function is_plain(value)
  return type(value) == "table" and (getmetatable(value) == nil or data.copy(value) ~= nil)
end

local function is_object(value)
  local kind = type(value)
  return kind == "function" or kind == "userdata" and value ~= data.null or kind == "table" and not is_plain(value)
end

local function on_tape(object)
  return { ["$object"] = { n = object.number, fields = object.fields } }
end

-- The value as the script gets it, objects wrapped, and as the tape has it.
function Tape:give(value)
  local live = value
  if real_of[value] then
    return value, on_tape(real_of[value])
  elseif is_object(value) then
    local proxy = self:wrap(value)
    return proxy, on_tape(real_of[proxy])
  elseif type(value) == "table" then
    for key, item in next, value do
      local given = self:give(item)
      if given ~= item then
        if live == value then
          live = {}
          for name, one in next, value do
            live[name] = one
          end
        end
        live[key] = given
      end
    end
  end
  return live, pack.pack(value, function(inner)
    if inner ~= value and (real_of[inner] or is_object(inner)) then
      return select(2, self:give(inner))
    end
  end)
end

function Tape:give_all(...)
  local live, taped = table.pack(...), {}
  for index = 1, live.n do
    local item
    live[index], item = self:give(live[index])
    taped[index] = item == nil and data.null or item
  end
  return live, taped
end

-- What an argument is to the object: itself, not its wrapping.
local function unwrapped(value)
  return real_of[value] and real_of[value].real or value
end

--- Arguments for the tape: functions are told only to be ones.
---@return table
function tape.arguments(...)
  local list = table.pack(...)
  for index = 1, list.n do
    local packed = pack.pack(list[index], function(value)
      if type(value) == "function" then
        return { ["$function"] = true }
      elseif real_of[value] then
        return { ["$object"] = real_of[value].number }
      end
    end)
    list[index] = packed == nil and data.null or packed
  end
  list.n = nil
  return list
end

-- A function of the script that the object calls: what it is called with goes onto the tape.
function Tape:callback(fn, index, calls)
  return function(...)
    local live, taped = self:give_all(...)
    calls[#calls + 1] = { i = index, a = taped }
    return fn(table.unpack(live, 1, live.n))
  end
end

local function error_for_tape(err)
  if type(err) ~= "table" then
    return { text = tostring(err) }
  end
  local fields = {}
  for key, value in pairs(err) do
    fields[key] = key ~= "traceback" and pack.pack(value) or nil
  end
  return { fields = fields }
end

function Tape:call(object, method, fn, ...)
  local calls, given = {}, table.pack(...)
  local entry = { step = self.step, o = object.number, m = method, a = tape.arguments(select(2, ...)) }
  for index = 1, given.n do
    given[index] = type(given[index]) == "function" and self:callback(given[index], index - 1, calls)
      or unwrapped(given[index])
  end
  local results = table.pack(pcall(fn, table.unpack(given, 1, given.n)))
  entry.f = #calls > 0 and calls or nil
  table.insert(self.entries, entry)
  if not results[1] then
    entry.e = error_for_tape(results[2])
    error(results[2], 0)
  end
  local live, taped = self:give_all(table.unpack(results, 2, results.n))
  entry.r = taped
  return table.unpack(live, 1, live.n)
end

-- Fields that hold data, where that is all that they hold: so that pairs and # see them.
local function plain_fields(value)
  local fields = {}
  for key, item in next, type(value) == "table" and value or {} do
    if is_object(item) or type(item) == "table" and not data.copy(item) then
      return nil
    end
    fields[key] = item
  end
  return type(value) == "table" and next(fields) ~= nil and fields or nil
end

local Proxy = {}

local function field(object, key, value)
  local live, taped = object.tape:give(value)
  table.insert(object.tape.entries, { step = object.tape.step, o = object.number, m = "." .. tostring(key), a = {},
    r = { taped == nil and data.null or taped } })
  return live
end

function Proxy.__index(proxy, key)
  local object = real_of[proxy]
  local value = object.real[key]
  if type(value) ~= "function" then
    return field(object, key, value)
  end
  return function(...)
    return object.tape:call(object, key, value, ...)
  end
end

function Proxy.__call(proxy, ...)
  local object = real_of[proxy]
  return object.tape:call(object, "()", function(_, ...)
    return object.real(...)
  end, proxy, ...)
end

function Proxy.__close(proxy, err)
  local object = real_of[proxy]
  local close = (getmetatable(object.real) or {}).__close
  if close then
    close(object.real, err)
  end
end

--- The object as scripts get it. The same object is wrapped once.
---@generic T
---@param object T
---@return T
function Tape:wrap(object)
  local proxy = self.proxies[object]
  if not proxy then
    local fields = plain_fields(object)
    proxy = {}
    for key, value in pairs(fields or {}) do
      proxy[key] = value
    end
    real_of[proxy] = { tape = self, real = object, number = self.count, fields = fields and pack.pack(fields) }
    self.count = self.count + 1
    self.proxies[object] = setmetatable(proxy, Proxy)
  end
  return proxy
end

--- The error of an entry, to be raised again.
---@param taped table
---@return any
function tape.error_of(taped)
  if taped.text then
    return taped.text
  end
  local fields = {}
  for key, value in pairs(taped.fields) do
    fields[key] = pack.unpack(value)
  end
  return errors.new(fields)
end

return tape
