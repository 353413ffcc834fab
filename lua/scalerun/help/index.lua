--- What the annotations say, by name: classes, their fields and functions, and the classes that these lead to.
local names = require "scalerun.names"
local parse = require "scalerun.help.parse"

---@class scalerun.help.Member
---@field name string
---@field kind "field"|"function"|"method"
---@field type string? of a field
---@field returns string[] of a function: types
---@field lines string[] its comment
---@field text string? what a field's comment says behind its type
---@field arguments string?
---@field var string? what the source calls the object: "http"

---@class scalerun.help.Class
---@field name string
---@field lines string[] its comment
---@field about string[] what its module says at its head
---@field parents string[]
---@field open boolean whether it may have fields that are not named
---@field module string? what require calls it
---@field var string?
---@field call scalerun.help.Call? what calling the object itself does
---@field members table<string, scalerun.help.Member>
---@field order string[] the names of members as the source has them

---@class scalerun.help.Call
---@field parameters { name: string, type: string }[]
---@field returns string
---@field text string?

local index = {}

--- Where a type ends that stands at the beginning of a text.
---@param text string
---@return integer position of its last byte
function index.type_end(text)
  local depth, last = 0, 0
  for at = 1, #text do
    local char = text:sub(at, at)
    if char:find("[%(%[{<]") then
      depth = depth + 1
    elseif char:find("[%)%]}>]") then
      depth = depth - 1
    elseif char == " " and depth == 0 then
      local before, after = text:sub(1, at - 1):match("(%S)%s*$"), text:sub(at):match("^%s*(%S)")
      if not (before == ":" or before == "|" or before == "," and text:find("^%(?fun") or after == "|") then
        return last
      end
    end
    if char ~= " " then
      last = at
    end
  end
  return last
end

local function split_type(text)
  local stop = index.type_end(text)
  local rest = text:sub(stop + 1):gsub("^%s+", "")
  return text:sub(1, stop), rest ~= "" and rest or nil
end

local function add_member(class, member)
  if not class.members[member.name] then
    class.order[#class.order + 1] = member.name
  end
  class.members[member.name] = member
end

local function add_field(class, line)
  local name, rest = line:match("^@field%s+([%w_]+)%??%s+(.*)$")
  if not name then
    class.open = true -- @field [string] …
    return nil
  end
  local kind, text = split_type(rest)
  local arguments = kind:match("^%(?fun%((.-)%)")
  local member = { name = name, kind = "field", type = kind, text = text, returns = {}, lines = {} }
  if arguments then
    member.kind = arguments:find("^self") and "method" or "function"
    member.returns = { kind:match("%):%s*([%w_.]+)") }
    member.arguments = arguments:gsub("^self:[^,]*,?%s*", ""):gsub(":%s*[^,]+", "")
  end
  add_member(class, member)
  return member
end

-- "@overload fun(spec: scale.Workflow): scalerun.Workflow declares a workflow"
local function call_of(line)
  local kind, text = split_type((line:gsub("^@overload%s+", "")))
  local given, returns = kind:match("^fun(%b()):%s*(.*)$")
  local call = { parameters = {}, returns = returns, text = text }
  for name, one in given:sub(2, -2):gmatch("([%w_]+):%s*([^,]+)") do
    call.parameters[#call.parameters + 1] = { name = name, type = one }
  end
  return call
end

local function add_class(classes, item)
  local class = classes[item.name]
  if not class then
    class = { name = item.name, lines = {}, about = {}, parents = {}, open = false, members = {}, order = {} }
    classes[item.name] = class
  end
  class.var = class.var or item.var
  local field
  for _, line in ipairs(item.doc) do
    if line:find("^@field") then
      field = add_field(class, line)
    elseif line:find("^@class") then
      local parents, rest = line:match("^@class%s+[%w_.]+%s*:%s*(%S+)%s*(.*)$")
      for parent in (parents or ""):gmatch("[%w_.]+") do
        class.parents[#class.parents + 1] = parent
      end
      class.open = class.open or parents ~= nil and parents:find("[%[<]") ~= nil
      rest = rest or line:match("^@class%s+[%w_.]+%s+(.*)$")
      class.lines[#class.lines + 1] = rest and rest ~= "" and rest or nil
    elseif line:find("^@overload") then
      class.call = call_of(line)
    elseif not line:find("^@") then
      if field then
        field.text = ("%s %s"):format(field.text or "", line:gsub("^%s+", ""))
      else
        class.lines[#class.lines + 1] = line
      end
    end
  end
  return class
end

local function add_function(class, item)
  local returns = {}
  for _, line in ipairs(item.doc) do
    local text = line:match("^@return%s+(.*)$")
    returns[#returns + 1] = text and split_type(text) or nil
  end
  add_member(class, {
    name = item.name,
    kind = item.method and "method" or "function",
    returns = returns,
    lines = item.doc,
    arguments = item.arguments,
    var = item.var,
  })
end

--- Reads annotation files.
---@param texts string[]
---@return table<string, scalerun.help.Class> classes by name
function index.read(texts)
  local classes = {}
  for _, text in ipairs(texts) do
    local of_var, about = {}, nil
    local module = text:match("^%-%-%-@meta%s+([%w_.]+)")
    local returned = text:match("\nreturn ([%w_]+)%s*$")
    for _, item in ipairs(parse.items(text)) do
      if item.kind == "class" then
        local class = add_class(classes, item)
        of_var[item.var or ""] = class
        if item.var and item.var == returned then
          class.module, class.about = module, about or {}
        end
      elseif item.kind == "function" and of_var[item.var] then
        add_function(of_var[item.var], item)
      elseif item.kind == "text" and not (item.doc[1] or ""):find("^@meta") then
        about = about or item.doc
      end
    end
  end
  return classes
end

local own

--- What the annotations that ship inside the program say.
---@return table<string, scalerun.help.Class>
function index.classes()
  if not own then
    local build, texts = require "scalerun.core.build", {}
    for _, name in ipairs(build.modules()) do
      texts[#texts + 1] = name:find("^scalerun%.meta") and build.source(name) or nil
    end
    own = index.read(texts)
  end
  return own
end

--- A member of a class or of those that it is made from.
---@param classes table<string, scalerun.help.Class>
---@param class scalerun.help.Class
---@param name string
---@return scalerun.help.Member?
function index.member(classes, class, name)
  local found = class.members[name]
  for _, parent in ipairs(class.parents) do
    found = found or classes[parent] and index.member(classes, classes[parent], name)
  end
  return found
end

--- Whether a class, or one that it is made from, may have fields that are not named.
---@param classes table<string, scalerun.help.Class>
---@param class scalerun.help.Class
---@return boolean
function index.is_open(classes, class)
  local open = class.open
  for _, parent in ipairs(class.parents) do
    open = open or not classes[parent] or index.is_open(classes, classes[parent])
  end
  return open
end

--- The names of a class's members, inherited ones included, sorted.
---@param classes table<string, scalerun.help.Class>
---@param class scalerun.help.Class
---@return string[]
function index.names(classes, class)
  local set = {}
  local function add(one)
    for name in pairs(one.members) do
      set[name] = true
    end
    for _, parent in ipairs(one.parents) do
      if classes[parent] then
        add(classes[parent])
      end
    end
  end
  add(class)
  return names.sorted(set)
end

--- The class that a type names, also when it may be nil.
---@param classes table<string, scalerun.help.Class>
---@param kind string?
---@return scalerun.help.Class?
function index.class_of(classes, kind)
  local name = kind and kind:gsub("|nil$", ""):gsub("%?$", "")
  return name and classes[name] or nil
end

return index
