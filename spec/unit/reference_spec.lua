-- docs/api.md tells of every function that scripts can reach, with what it takes and returns.
local annotations = require "scalerun.help.annotations"
local fs = require "scalerun.fs"
local index = require "scalerun.help.index"
local library = require "spec.support.library"
local scale = require "scalerun"

local made = annotations.make(library.sources "lua")
local texts = {}
for _, text in pairs(made) do
  texts[#texts + 1] = text
end
local classes = index.read(texts)

-- heading, without its arguments → { arguments = "url, options", body = the text below it }
local function entries_of(page)
  local entries, last = {}, nil
  for line in page:gmatch("[^\n]+") do
    local name, arguments = line:match("^#### `([%w_.:]+)%((.*)%)`$")
    if name then
      last = { arguments = arguments, rows = {} }
      entries[name] = last
    elseif line:find("^##") then
      last = nil
    elseif last then
      local argument = line:match("^| `([^`]+)` | [%[`]")
      last.rows[argument or line:match("^| returns") or ""] = true
    end
  end
  return entries
end

local entries = entries_of(fs.read "docs/api.md")

-- The names of a function's arguments that its entry has no row for.
local function untold(entry)
  local missing = {}
  for name in entry.arguments:gmatch("[^%s,]+") do
    missing[#missing + 1] = not entry.rows[name] and name or nil
  end
  return missing
end

describe("the API reference", function()
  it("has an entry for each function that require 'scalerun' offers, with its parameters", function()
    local count = 0
    local function look(name, value)
      local class = classes[name]
      assert.is_table(class, name .. " has no annotations")
      for key, member in next, value do
        local full = name .. "." .. key
        local known = class.members[key] ~= nil
        if type(member) == "function" and (known or name == "scale") then
          assert.is_table(entries[full], full .. " has no entry")
          assert.same({}, untold(entries[full]), full)
          count = count + 1
        end
      end
    end
    for _, name in ipairs(classes.scale.order) do
      local value = scale[name] -- which loads it
      if type(value) == "table" then
        look("scale." .. name, value)
      end
    end
    look("scale", scale)
    for _, name in ipairs { "scale.agree", "scale.matrix", "scale.scenario", "scale.stats.ratio", "scale.http.get" } do
      assert.is_table(entries[name], name)
    end
    assert.is_true(entries["scale.workflow"].rows.spec)
    assert.is_true(count > 60, count)
  end)

  it("tells the type of every parameter, of methods too", function()
    for name, entry in pairs(entries) do
      assert.same({}, untold(entry), name)
    end
  end)

  it("says what a function returns that says in words that it returns something", function()
    assert.is_true(entries["task:join"].rows["| returns"])
    assert.is_true(entries["scale.agree"].rows["| returns"])
    assert.is_nil(entries["run:summarize"].rows["| returns"])
  end)

  it("names no type of the library that is not told of, and breaks none in two", function()
    for path, text in pairs(made) do
      for line in text:gmatch("%-%-%-(@%l+ [^\n]*)") do
        for name in line:gmatch("%f[%w.]scale%.%u[%w]*") do
          assert.is_table(classes[name], ("%s: there is no class %s: %s"):format(path, name, line))
        end
        local kind = line:match("^@param%s+%S+%s+(.*)$") or line:match("^@return%s+(.*)$")
        if kind then
          local stop = kind:sub(1, index.type_end(kind))
          for _, pair in ipairs { "{}", "()" } do
            local _, opened = stop:gsub("%" .. pair:sub(1, 1), "")
            local _, closed = stop:gsub("%" .. pair:sub(2, 2), "")
            assert.equal(opened, closed, ("%s: %s"):format(path, line))
          end
        end
      end
    end
  end)

  it("can be required under the names that scripts use, for editors", function()
    for _, name in ipairs { "init", "workflow", "target/init", "stats" } do
      local module = ("scalerun/" .. name):gsub("/init$", ""):gsub("/", ".")
      assert.matches("^%-%-%-@meta " .. module:gsub("%p", "%%%0") .. "\n", made["scalerun/meta/" .. name .. ".lua"])
    end
  end)
end)

describe("the index of annotations", function()
  it("knows what calling an object does", function()
    assert.same({ parameters = { { name = "spec", type = "scale.Workflow" } }, returns = "scalerun.Workflow",
      text = "declares a workflow, which its file returns" }, classes["scale.workflow"].call)
  end)
end)
