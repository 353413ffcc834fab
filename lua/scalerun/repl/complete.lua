--- What the tab key completes: names of globals, fields, methods, commands. Nothing is called and nothing is
--- connected for it: what is not there yet is known from the annotations.
local index = require "scalerun.help.index"

local complete = {}

local SHOWN = 200 -- candidates listed

---@class scalerun.repl.Completer
---@field env table the prompt's globals
---@field commands string[] ":help", …
---@field classes table<table, string> metatable → name of its class
---@field globals fun(): string[] names of globals that env brings when asked
---@field files fun(start: string): string[]
---@field topics fun(): string[] what :help knows
---@field width fun(): integer
local Completer = {}
Completer.__index = Completer

local function raw(value, name)
  while type(value) == "table" do
    local found = rawget(value, name)
    if found ~= nil then
      return found
    end
    local meta = getmetatable(value)
    value = type(meta) == "table" and rawget(meta, "__index") or nil
  end
end

-- One step along a path: from what is there, else from what the annotations say.
function Completer:step(value, class, name)
  local found = raw(value, name)
  if found == nil and self.lazy[value or false] then
    local ok, loaded = pcall(function()
      return value[name]
    end)
    found = ok and loaded or nil
  end
  local classes = index.classes()
  local member = class and index.member(classes, class, name)
  local kind = found ~= nil and self:class_of(found) or member and index.class_of(classes, member.type)
  return found, kind
end

function Completer:class_of(value)
  local meta = (type(value) == "table" or type(value) == "userdata") and getmetatable(value)
  return type(meta) == "table" and index.classes()[self.classes[meta] or ""] or nil
end

local function add_keys(names, value, functions)
  local seen = {}
  while (type(value) == "table" or type(value) == "userdata") and not seen[value] do
    seen[value] = true
    for name, member in next, type(value) == "table" and value or {} do
      if type(name) == "string" and name:find("^[%a_][%w_]*$") and not name:find("^__")
        and (not functions or type(member) == "function") then
        names[name] = names[name] or type(member)
      end
    end
    local meta = getmetatable(value)
    if type(meta) ~= "table" then
      return
    end
    local following = rawget(meta, "__index")
    value = type(following) == "function" and meta or following
  end
end

local function add_class(names, class, functions)
  local classes = index.classes()
  for _, name in ipairs(class and index.names(classes, class) or {}) do
    local member = index.member(classes, class, name)
    if not functions or member.kind ~= "field" then
      names[name] = names[name] or (member.kind == "field" and "field" or "function")
    end
  end
end

-- Candidates for a path such as "http.ge": name → kind, and the word that is to be completed.
function Completer:names(path)
  local names = {}
  local prefix, separator, word = path:match("^(.*)([.:])([%w_]*)$")
  if not prefix then
    for _, name in ipairs(self.globals()) do
      names[name] = type(rawget(_G, name)) == "function" and "function" or "table"
    end
    add_keys(names, self.env, false)
    add_keys(names, _G, false)
    return names, path
  end
  local value, class = self.env, nil
  for name in prefix:gmatch("[%w_]+") do
    value, class = self:step(value, class, name)
    if value == nil and not class then
      return names, word
    end
  end
  if type(value) == "string" then
    value = string
  end
  add_keys(names, value, separator == ":")
  add_class(names, class, separator == ":")
  if self.lazy[value or false] then
    add_class(names, index.classes()[self.lazy[value]], false)
  end
  return names, word
end

local function starting(list, word)
  local found = {}
  for _, name in ipairs(list) do
    if name:sub(1, #word) == word then
      found[#found + 1] = name
    end
  end
  table.sort(found)
  return found
end

local function common(list)
  local prefix = list[1]
  for _, name in ipairs(list) do
    while name:sub(1, #prefix) ~= prefix do
      prefix = prefix:sub(1, -2)
    end
  end
  return prefix
end

local function columns(list, width)
  local widest = 0
  for _, name in ipairs(list) do
    widest = math.max(widest, #name)
  end
  local across = math.max(1, width // (widest + 2))
  local lines, shown = {}, math.min(#list, SHOWN)
  for first = 1, shown, across do
    local row = {}
    for at = first, math.min(first + across - 1, shown) do
      row[#row + 1] = list[at] .. (" "):rep(widest - #list[at])
    end
    lines[#lines + 1] = table.concat(row, "  "):gsub(" +$", "")
  end
  if #list > shown then
    lines[#lines + 1] = ("… and %d more"):format(#list - shown)
  end
  return table.concat(lines, "\n")
end

-- The candidates for the text, the word that they complete, and what a sole one is followed by.
function Completer:candidates(text)
  local command, argument = text:match("^%s*(:%a+)%s+(.*)$")
  if command then
    if command == ":run" or command == ":load" then
      local start = argument:match("%S*$")
      return starting(self.files(start), start), start
    elseif command == ":help" then
      return starting(self.topics(), argument), argument
    end
    text = argument
  elseif text:find("^%s*:%a*$") then
    local word = text:match(":%a*$")
    return starting(self.commands, word), word, " "
  end
  local names, word = self:names(text:match("[%a_][%w_.:]*$") or "")
  local list = {}
  for name in pairs(names) do
    list[#list + 1] = name
  end
  local found = starting(list, word)
  return found, word, #found == 1 and names[found[1]] == "function" and "(" or nil
end

--- What is to be inserted behind the text, and what is to be shown below the line.
---@param text string the line up to the cursor
---@return string insert
---@return string listing
function Completer:complete(text)
  local found, word, following = self:candidates(text)
  if #found == 0 then
    return "", ""
  elseif #found == 1 then
    return found[1]:sub(#word + 1) .. (following or ""), ""
  end
  local insert = common(found):sub(#word + 1)
  return insert, insert == "" and columns(found, self.width()) or ""
end

--- @param given table the fields of a completer
---@return scalerun.repl.Completer
function complete.new(given)
  given.lazy = { [require "scalerun"] = "scale", [given.env] = "scale" }
  return setmetatable(given, Completer)
end

return complete
