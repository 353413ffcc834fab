-- What the command line offers to those who write scripts: check and new.
local command = require "spec.support.command"
local fs = require "scalerun.fs"

local MISTAKES = "spec/support/mistakes"

local function run(...)
  return command.run({ ... }, { reports = false })
end

describe("scalerun check", function()
  it("ends with 0 where nothing is wrong", function()
    local outcome = run("check", "scripts/scenarios")
    assert.same({ 0, "" }, { outcome.status, outcome.stdout })
    assert.matches("^scalerun: %d+ scripts checked, nothing found$", outcome.last_line)
  end)

  it("prints file, line and mistake, and ends with 3", function()
    local outcome = run("check", MISTAKES .. "/unknown_global.lua", MISTAKES .. "/syntax.lua")
    assert.equal(3, outcome.status)
    assert.equal(MISTAKES .. "/unknown_global.lua:10: there is no global 'idss' (did you mean 'ids'?)\n"
      .. MISTAKES .. "/syntax.lua:9: '}' expected (to close '{' at line 6) near 'iteration'\n", outcome.stdout)
    assert.equal("scalerun: 2 scripts checked, 2 mistakes", outcome.last_line)
  end)

  it("needs a script", function()
    local outcome = run("check")
    assert.equal(64, outcome.status)
    assert.matches("missing argument", outcome.last_line)
  end)

  it("has a help of its own", function()
    local outcome = run("check", "--help")
    assert.equal(0, outcome.status)
    assert.matches("^Usage: scalerun check ", outcome.stdout)
  end)
end)

describe("scalerun new", function()
  local folder

  before_each(function()
    folder = command.folder()
  end)

  for _, kind in ipairs { "scenario", "workflow" } do
    it(("writes a %s that passes"):format(kind), function()
      local made = run("new", kind, folder .. "/first-try")
      assert.same({ 0, folder .. "/first-try.lua\n" }, { made.status, made.stdout })
      assert.equal(0, run("check", folder .. "/first-try.lua").status)
      local outcome = command.run { "--projects", "2", folder .. "/first-try.lua" }
      assert.equal(0, outcome.status, outcome.stdout .. outcome.stderr)
      assert.equal("first-try", outcome.report.scenarios[1].id)
    end)
  end

  it("never writes over a file", function()
    local path = command.file(folder, "mine.lua", "-- mine\n")
    local outcome = run("new", "scenario", path)
    assert.equal(64, outcome.status)
    assert.matches("mine.lua is there already; nothing was written", outcome.last_line)
    assert.equal("-- mine\n", fs.read(path))
  end)

  it("refuses what cannot be a name", function()
    for _, words in ipairs { { "scenario", "a b" }, { "scenario", folder .. "/none/x" }, { "test", "x" } } do
      local outcome = command.run({ "new", words[1], words[2] }, { reports = false })
      assert.equal(64, outcome.status, outcome.stderr)
    end
  end)
end)
