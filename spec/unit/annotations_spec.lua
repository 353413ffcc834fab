-- What editors and `:help` tell about the library is what the library has: the files in lua/scalerun/meta are made
-- from the modules' comments, and every public function stands in them.
local annotations = require "scalerun.help.annotations"
local library = require "spec.support.library"
local parse = require "scalerun.help.parse"

local root = debug.getinfo(1, "S").source:match("^@(.*)spec/unit/[^/]+$")
local sources = library.sources(root .. "lua")

-- Objects that C defines: nothing in their module holds them.
local defined_in_c = {
  ["scale.http.Response"] = function()
    return require("scalerun.core.http").response
  end,
}

local function sorted(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

-- Everything that a module's functions can reach: tables, and the local variables of its file by name.
local function reached(path, module)
  local tables, locals, seen = {}, {}, {}
  local function look(value)
    if type(value) == "table" and not seen[value] then
      seen[value] = true
      tables[#tables + 1] = value
      for _, member in next, value do
        look(member)
      end
      look(getmetatable(value))
    elseif type(value) == "function" and not seen[value] then
      seen[value] = true
      if debug.getinfo(value, "S").source:sub(-#path) == path then
        for index = 1, 255 do
          local name, inner = debug.getupvalue(value, index)
          if not name then
            break
          end
          locals[name] = inner
          look(inner)
        end
      end
    end
  end
  look(module)
  return tables, locals
end

-- The table that a local variable of the file holds: the one with the functions that are written there,
-- or, where there are none, what its name leads to.
local function table_of(path, source, module, var)
  local written, best, most = {}, nil, 0
  for _, item in ipairs(parse.items(source)) do
    if item.kind == "function" and item.var == var then
      written[item.line] = true
    end
  end
  local tables, locals = reached(path, module)
  for _, value in ipairs(tables) do
    local count = 0
    for _, member in next, value do
      local info = type(member) == "function" and debug.getinfo(member, "S")
      if info and written[info.linedefined] and info.source:sub(-#path) == path then
        count = count + 1
      end
    end
    if count > most then
      best, most = value, count
    end
  end
  return best or locals[var]
end

local function module_name(path)
  return (path:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

-- The names of the functions in a table, less those that its source keeps for the library.
local function functions_in(value, var, source)
  local internal, names = {}, {}
  for _, item in ipairs(parse.items(source)) do
    if item.kind == "function" and item.var == var and parse.is_internal(item.doc) then
      internal[item.name] = true
    end
  end
  for name, member in next, value do
    if type(member) == "function" and not name:find("^__") and not internal[name] then
      names[name] = true
    end
  end
  return names
end

-- class → { var =, functions = set of names, fields = set of names }
local function annotated(text)
  local classes, of_var = {}, {}
  for _, item in ipairs(parse.items(text)) do
    if item.kind == "class" then
      local class = classes[item.name] or { functions = {}, fields = {} }
      classes[item.name] = class
      class.var = class.var or item.var
      of_var[item.var or ""] = item.name
      for _, line in ipairs(item.doc) do
        local name, kind = line:match("^@field%s+([%w_]+)%??%s+(.*)$")
        if name then
          class[kind:find("^%(?fun%(") and "functions" or "fields"][name] = true
        end
      end
    elseif item.kind == "function" then
      classes[of_var[item.var]].functions[item.name] = true
    end
  end
  return classes
end

local function meta_of(path)
  return path:gsub("^scalerun/", "scalerun/meta/", 1)
end

local made = annotations.make(sources)

describe("lua/scalerun/meta", function()
  it("is what scripts/annotations makes of the modules (run it when this fails)", function()
    local present = {}
    for path, text in pairs(sources) do
      if path:find("^scalerun/meta/") then
        present[path] = text
      end
    end
    for path, text in pairs(made) do
      assert.equal(text, present[path], path .. " is out of date: run scripts/annotations")
      present[path] = nil
    end
    assert.same({}, sorted(present))
  end)

  it("is Lua", function()
    for path, text in pairs(made) do
      assert.is_function(load(text, "@" .. path, "t"))
    end
  end)

  it("has every function of every public module and object, and no other", function()
    local compared = 0
    for path, source in pairs(sources) do
      local text = made[meta_of(path)]
      for class, entry in pairs(text and annotated(text) or {}) do
        if entry.var and class ~= "scale" then -- whose fields come when they are looked at: see below
          local module = require(module_name(path))
          local value = defined_in_c[class] and defined_in_c[class]() or table_of(path, source, module, entry.var)
          assert.is_table(value, ("%s: nothing holds %s (%s)"):format(path, entry.var, class))
          local real = functions_in(value, entry.var, source)
          assert.same(sorted(real), sorted(entry.functions), class)
          compared = compared + 1
        end
      end
    end
    assert.is_true(compared > 25, compared)
  end)

  it("says of every function what it does", function()
    for path, text in pairs(made) do
      for _, item in ipairs(parse.items(text)) do
        local told = item.kind ~= "function"
        for _, line in ipairs(item.doc) do
          told = told or not line:find("^@")
        end
        assert.is_true(told, ("%s: %s.%s is not described"):format(path, item.var, item.name))
      end
    end
  end)

  it("describes every field of scale", function()
    local scale = annotated(made["scalerun/meta/init.lua"]).scale
    local names = {}
    for _, set in ipairs { scale.fields, scale.functions } do
      for name in pairs(set) do
        names[name] = true
        assert.is_truthy(require("scalerun")[name], name)
      end
    end
    local _, problem = pcall(function()
      return require("scalerun").no_such_field_at_all
    end)
    for name in problem:match("known are: (.*)%)"):gmatch("[%w_]+") do
      assert.is_true(names[name], ("scale.%s is not described"):format(name))
    end
  end)

  for class, path in pairs { ["scale.Run"] = "scalerun/run/context.lua", ["scale.Project"] = "scalerun/project.lua" } do
    it(("has the fields that %s knows"):format(class), function()
      local _, locals = reached(path, require(module_name(path)))
      local known = locals.known
      local entry = annotated(made[meta_of(path)])[class]
      local all = {}
      for _, set in ipairs { entry.fields, entry.functions } do
        for name in pairs(set) do
          all[name] = true
        end
      end
      table.sort(known)
      assert.same(known, sorted(all))
    end)
  end
end)

describe("annotations", function()
  local function make(text)
    return annotations.make { ["scalerun/x.lua"] = text }["scalerun/meta/x.lua"]
  end

  it("leave out what is the library's own", function()
    local text = make [[
--- About x.
local other = require "scalerun.other"

---@class scale.x
---@field size integer
---@field package raw userdata
local x = {}

-- for readers of the source
local function helper(a)
  return a
end

--- Does it.
---@param a scalerun.Named
---@return string
function x.go(a,
    b)
  return helper(a)
end

---@package
function x.inner() end

--- For Lua.
function x.__close() end

---@class scalerun.Named
---@field name scalerun.Deeper

---@class scalerun.Deeper

---@class scalerun.Hidden
local Hidden = {}

--- Hides.
function Hidden:go() end

return x
]]
    assert.equal([[
---@meta scalerun.x
-- Made from lua/scalerun/x.lua by scripts/annotations: change it there.

--- About x.

---@class scale.x
---@field size integer
local x = {}

--- Does it.
---@param a scalerun.Named
---@return string
function x.go(a, b) end

---@class scalerun.Named
---@field name scalerun.Deeper

---@class scalerun.Deeper

return x
]], text)
  end)

  it("are not made of a module without a public class", function()
    assert.is_nil(make "local x = {}\n--- Does it.\nfunction x.go() end\nreturn x\n")
  end)

  it("cannot be required where the module itself is not public", function()
    assert.matches("^%-%-%-@meta _\n", make [[
---@class scale.Thing
local Thing = {}
--- Does it.
function Thing:go() end
local x = {}
return x
]])
  end)
end)
