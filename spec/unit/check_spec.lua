-- scalerun check, on the mistakes that authors make (spec/support/mistakes: each file says what it must be told) and
-- on scripts that have none.
local check = require "scalerun.check"
local fs = require "scalerun.fs"

local root = debug.getinfo(1, "S").source:match("^@(.*)spec/unit/[^/]+$")
local MISTAKES = root .. "spec/support/mistakes"

local function shown(problems)
  local list = {}
  for index, one in ipairs(problems) do
    list[index] = (one.line and one.line .. ": " or "") .. one.message
  end
  return list
end

describe("check", function()
  local names = fs.list(MISTAKES)

  it("has at least ten mistakes to find", function()
    assert.is_true(#names >= 10)
  end)

  for _, name in ipairs(names) do
    it("finds " .. name:gsub("%.lua$", ""):gsub("_", " "), function()
      local path = MISTAKES .. "/" .. name
      local expected = fs.read(path):match("%-%- expect: ([^\n]*)")
      assert.same({ expected }, shown((check.file(path))))
    end)
  end

  for _, folder in ipairs { "scripts/scenarios", "scripts/workflows" } do
    it("finds nothing in " .. folder, function()
      for _, name in ipairs(fs.list(root .. folder)) do
        if name:find("%.lua$") then
          assert.same({}, shown((check.file(root .. folder .. "/" .. name))), name)
        end
      end
    end)
  end

  it("tells when two scenarios have one id", function()
    local good = root .. "scripts/scenarios/s1_id_reservation.lua"
    local results = check.files { good, good }
    assert.same({}, results[1].problems)
    assert.same({ "scenario S1 is in " .. good .. " already" }, shown(results[2].problems))
  end)

  it("tells when a file cannot be read", function()
    assert.same({ "cannot read /no/such.lua: No such file or directory" }, shown((check.file "/no/such.lua")))
  end)
end)

describe("a script's syntax", function()
  local reader = require "scalerun.check.reader"

  local function globals(source)
    assert(load(source))
    local list = {}
    for _, use in ipairs(reader.read(source).globals) do
      list[#list + 1] = ("%s%s:%d"):format(use.set and "=" or "", use.name, use.line)
    end
    return list
  end

  local cases = {
    { "a scope's end", "do local x = 1 end print(x)", { "print:1", "x:1" } },
    { "a local that does not see itself", "local x = x", { "x:1" } },
    { "a local function that sees itself", "local function f() return f end", {} },
    { "a for's variables", "for i, v in a do b(i, v) end c(i)", { "a:1", "b:1", "c:1", "i:1" } },
    { "a repeat's condition", "repeat local x until x", {} },
    { "fields and keys", "local t = { a = 1, b = c, ['d'] = e, f } t.g.h = i", { "c:1", "e:1", "f:1", "i:1" } },
    { "methods", "local t = {} function t.a:b(c) return self, c, d end", { "d:1" } },
    { "sets", "x = 1\ny, z.a = 2\nfunction f() end function g.h() end", { "=x:1", "=y:2", "z:2", "=f:3", "g:3" } },
    { "strings and comments", "--[[ a ]] local s = [==[ b\n]] ]==] .. 'c\\'d' --[=[ e\n]=] f(s)", { "f:3" } },
    { "numbers", "local n = 0x1p4 + 1e-3 + .5 + 3 .. 4 return n", {} },
    { "operators", "local a <const>, b = 1, not -x, #y ~ ~z return a < b, a << 2, a // b", { "x:1", "y:1", "z:1" } },
    { "calls without brackets", "f 'a' { b } [[c]] :d 'e' (g)", { "f:1", "b:1", "g:1" } },
    { "goto", "goto out; ::out:: break_ = nil", { "=break_:1" } },
    { "if and while", "while a do if b then local c elseif c then d() else return end end", { "a:1", "b:1", "c:1",
      "d:1" } },
    { "a shell's first line", "#!/usr/bin/env scalerun\nlocal a = b", { "b:2" } },
    { "varargs", "local function f(...) local a, b = ... return select('#', ...), a, b end f()", { "select:1" } },
  }
  for _, case in ipairs(cases) do
    it("is read: " .. case[1], function()
      local source = case[2]
      local plain = source:gsub("^#[^\n]*", "")
      assert(load(plain), source)
      local list = {}
      for _, use in ipairs(reader.read(source).globals) do
        list[#list + 1] = ("%s%s:%d"):format(use.set and "=" or "", use.name, use.line)
      end
      table.sort(list)
      table.sort(case[3])
      assert.same(case[3], list)
    end)
  end

  it("is read to the end of every script of the library", function()
    for name, text in pairs(require("spec.support.library").sources(root .. "lua")) do
      local known = { cjson = true, arg = true }
      for _, use in ipairs(reader.read(text).globals) do
        assert.is_true(_G[use.name] ~= nil or known[use.name], ("%s:%d: %s"):format(name, use.line, use.name))
      end
    end
  end)

  it("gives globals their lines", function()
    assert.same({ "a:1", "b:3" }, globals("local x = a\n\nlocal y = b\n"))
  end)
end)
