-- Includes go down only. The rules are checked on the text of every C file, so that a wrong include fails
-- here with its line and not years later as a cycle.

local LAYERS = { "base", "loop", "engine", "binding", "host", "cli" }
local RANK = {}
for rank, layer in ipairs(LAYERS) do
  RANK[layer] = rank
end

-- The reference system under test is a program of its own: it shares base and nothing else.
local TARGET_MAY_INCLUDE = { base = true, target = true }

-- Engines must be usable, and testable, without Lua; the host has Lua modules of its own.
local LUA_HEADERS = { ["lua.h"] = true, ["lauxlib.h"] = true, ["lualib.h"] = true, ["luaconf.h"] = true }
local MAY_INCLUDE_LUA = { binding = true, host = true }

local root = debug.getinfo(1, "S").source:match("^@(.*)spec/unit/[^/]+$")
assert(root, "this file is not in spec/unit")
if root == "" then
  root = "./"
end

---The layer that a file of this repository belongs to.
---@param path string "src/loop/op.c", "include/scalerun/loop/op.h"
---@return string? layer
local function layer_of(path)
  return path:match("^src/([%w_]+)/") or path:match("^include/scalerun/([%w_]+)/")
end

---Why a file of this layer must not include that header.
---@param layer string
---@param header string as it stands between the quotes or brackets
---@return string? reason nil where the include is allowed
local function refusal(layer, header)
  local included = header:match("^scalerun/([%w_]+)/")
  if header:find("../", 1, true) then
    return "reaches into another folder"
  elseif LUA_HEADERS[header] and not MAY_INCLUDE_LUA[layer] then
    return "only binding and host include Lua"
  elseif not included then
    return nil
  elseif layer == "target" then
    return not TARGET_MAY_INCLUDE[included] and "target may include base only" or nil
  elseif not RANK[included] then
    return included .. " is not a layer that others include"
  elseif RANK[included] > RANK[layer] then
    return ("%s is below %s"):format(layer, included)
  end
end

---@param path string relative to the repository
---@param lines fun(): string?
---@return string[] offences "file:line: #include …: reason"
local function offences_in(path, lines)
  local layer = layer_of(path)
  if not RANK[layer] and layer ~= "target" then
    return { ("%s: %s is not a layer"):format(path, tostring(layer)) }
  end
  local found, number = {}, 0
  for line in lines do
    number = number + 1
    local header = line:match('^%s*#%s*include%s*[<"]([^>"]+)[>"]')
    local reason = header and refusal(layer, header)
    if reason then
      table.insert(found, ("%s:%d: %s: %s"):format(path, number, line, reason))
    end
  end
  return found
end

---@return string[] paths of all C files, relative to the repository
local function c_files()
  local files = {}
  local find = assert(io.popen(("cd '%s' && find src include -name '*.[ch]'"):format(root)))
  for path in find:lines() do
    table.insert(files, path)
  end
  assert(find:close())
  return files
end

---@param path string
---@param text string
---@return string[]
local function check(path, text)
  return offences_in(path, text:gmatch("([^\n]*)\n"))
end

describe("the layers", function()
  it("include only what is below them", function()
    local offences, files = {}, c_files()
    assert.is_true(#files > 0, "no C file found below " .. root)
    for _, path in ipairs(files) do
      local file <close> = assert(io.open(root .. path))
      for _, offence in ipairs(offences_in(path, file:lines())) do
        table.insert(offences, offence)
      end
    end
    assert.are.equal("", table.concat(offences, "\n"))
  end)
end)

describe("the check of the layers", function()
  it("allows includes downwards and within a layer", function()
    assert.are.same({}, check("src/host/run.c", [[
#include "scalerun/host/crew.h"
#include "crew_private.h"
#include "scalerun/binding/state.h"
#include "scalerun/base/clock.h"
#include <lauxlib.h>
#include <stdio.h>
]]))
    assert.are.same({}, check("src/target/main.c", '#include "scalerun/base/log.h"\n#include "pool.h"\n'))
  end)

  for _, case in ipairs {
    { "src/base/buf.c", '#include "scalerun/loop/op.h"', "base is below loop" },
    { "include/scalerun/engine/http.h", '#include "scalerun/binding/task.h"', "engine is below binding" },
    { "src/engine/http/dial.c", "#include <lua.h>", "only binding and host include Lua" },
    { "src/cli/main.c", "# include <lualib.h>", "only binding and host include Lua" },
    { "src/host/run.c", '#include "../binding/private.h"', "reaches into another folder" },
    { "src/host/run.c", '  #include "scalerun/target/pool.h"', "target is not a layer that others include" },
    { "src/target/main.c", '#include "scalerun/loop/loop.h"', "target may include base only" },
  } do
    local path, line, reason = table.unpack(case)
    it(("refuses %s in %s"):format(line, path), function()
      assert.are.same({ ("%s:2: %s: %s"):format(path, line, reason) }, check(path, "\n" .. line .. "\n"))
    end)
  end

  it("refuses a folder that is no layer", function()
    assert.are.same({ "src/misc/x.c: misc is not a layer" }, check("src/misc/x.c", ""))
  end)
end)
