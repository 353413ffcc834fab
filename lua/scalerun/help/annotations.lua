--- Makes the annotations that editors read (lua/scalerun/meta) from the comments of the library's modules.
---
--- Public is what has a class whose name begins with "scale": a module's table (`---@class scale.http`) with its
--- functions, an object's (`---@class scale.Run`) with its methods. A class called "scalerun.…" is the library's own,
--- and shown only where a public one names it.
local parse = require "scalerun.help.parse"

local annotations = {}

local function is_public(name)
  return name == "scale" or name:find("^scale%.") ~= nil
end

-- The lines of a comment that are for scripts.
local function shown(doc)
  local lines = {}
  for _, line in ipairs(doc) do
    if not line:find("^@field%s+package%s") and not line:find("^@field%s+private%s") then
      lines[#lines + 1] = line
    end
  end
  return lines
end

local function names_in(lines, fn)
  for _, line in ipairs(lines) do
    if line:find("^@") then
      for name in line:gmatch("scalerun%.[%w_.]+") do
        fn((name:gsub("%.$", "")))
      end
    end
  end
end

-- Which variables of the file stand for classes that are shown.
local function variables(items, wanted)
  local found = {}
  for _, item in ipairs(items) do
    if item.kind == "class" and item.var and (is_public(item.name) or wanted[item.name]) then
      found[item.var] = true
    end
  end
  return found
end

local function selected(items, wanted)
  local vars, list = variables(items, wanted), {}
  for _, item in ipairs(items) do
    local keep = item.kind == "class" and (is_public(item.name) or wanted[item.name])
      or item.kind == "function" and vars[item.var] and not item.name:find("^__") and not parse.is_internal(item.doc)
    if keep then
      list[#list + 1] = item
    end
  end
  return list
end

-- The library's own classes that public ones name, and those that these name in turn.
local function find_wanted(parsed)
  local wanted, grew = {}, true
  while grew do
    grew = false
    for _, file in ipairs(parsed) do
      for _, item in ipairs(selected(file.items, wanted)) do
        names_in(shown(item.doc), function(name)
          grew = grew or not wanted[name]
          wanted[name] = true
        end)
      end
    end
  end
  return wanted
end

local function write_doc(out, doc)
  for _, line in ipairs(doc) do
    out[#out + 1] = line:find("^@") and "---" .. line or line == "" and "---" or "--- " .. line
  end
end

-- The variable of the module's own table, where it is public: what the file returns.
local function module_variable(source, list)
  local returned = source:match("\nreturn ([%w_]+)%s*$") or source:match("\nreturn setmetatable%(([%w_]+),")
  for _, item in ipairs(list) do
    if item.kind == "class" and item.var == returned then
      return returned
    end
  end
end

local function text_of(file, list)
  local module = module_variable(file.source, list)
  local out = {
    module and "---@meta " .. file.module or "---@meta _",
    ("-- Made from lua/%s by scripts/annotations: change it there."):format(file.path),
    "",
  }
  local first = file.items[1]
  if module and first.kind == "text" and first.line < list[1].line then
    write_doc(out, first.doc)
    out[#out + 1] = ""
  end
  for _, item in ipairs(list) do
    write_doc(out, shown(item.doc))
    if item.kind == "function" then
      out[#out + 1] = ("function %s%s%s(%s) end"):format(item.var, item.method and ":" or ".", item.name,
        item.arguments)
    elseif item.var then
      out[#out + 1] = ("local %s = {}"):format(item.var)
    end
    out[#out + 1] = ""
  end
  out[#out + 1] = module and "return " .. module or nil
  return table.concat(out, "\n"):gsub("\n+$", "") .. "\n"
end

local function module_of(path)
  return (path:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

--- The annotation files.
---@param sources table<string, string> by path below lua/: "scalerun/http.lua" → its text; those of meta/ are left out
---@return table<string, string> files by path below lua/: "scalerun/meta/http.lua" → its text
function annotations.make(sources)
  local parsed, made = {}, {}
  for path, source in pairs(sources) do
    if not path:find("^scalerun/meta/") then
      parsed[#parsed + 1] = { path = path, module = module_of(path), source = source, items = parse.items(source) }
    end
  end
  local wanted = find_wanted(parsed)
  for _, file in ipairs(parsed) do
    local list = selected(file.items, wanted)
    if #list > 0 then
      made[file.path:gsub("^scalerun/", "scalerun/meta/", 1)] = text_of(file, list)
    end
  end
  return made
end

return annotations
