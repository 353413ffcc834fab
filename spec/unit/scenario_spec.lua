local loader = require "scalerun.loader"

describe("a script", function()
  local path

  before_each(function()
    path = os.tmpname()
  end)

  after_each(function()
    os.remove(path)
  end)

  local function load(text)
    local file = assert(io.open(path, "w"))
    file:write(text)
    file:close()
    return loader.load(path)
  end

  -- The message of a script that must not load, with the path taken out.
  local function refused(text)
    local ok, err = pcall(load, text)
    assert.is_false(ok)
    assert.equal("script", err.kind)
    assert.equal(path, err.path)
    return (err.message:gsub(path:gsub("%W", "%%%0"), "s.lua")), err
  end

  local function scenario(body)
    return 'local scale = require "scalerun"\nreturn scale.scenario {\n' .. body .. "\n}\n"
  end

  local minimal = [[  id = "S1",
  load = { executor = "per-project-iterations", iterations = 10 },
  iteration = function(project) return project end,]]

  it("declares a scenario, with defaults", function()
    local made = load(scenario(minimal))
    assert.equal("S1", made.id)
    assert.equal("S1", made.title)
    assert.equal(300, made.timeout)
    assert.equal(1, #made.phases)
    assert.same({ executor = "per-project-iterations", iterations = 10, users = 1, start = "together" },
      made.phases[1].load)
  end)

  it("may begin with a line for the shell", function()
    assert.equal("S1", load("#!/usr/bin/env scalerun\n" .. scenario(minimal)).id)
    assert.matches("^s.lua:3: ", refused("#!/usr/bin/env scalerun\n\nlocal = 1"))
  end)

  it("may have phases", function()
    local made = load(scenario [[
  id = "S1",
  phases = {
    { name = "burst", load = { executor = "constant-projects", duration = "200ms" }, iteration = function() end },
    { name = "again", load = { executor = "per-project-iterations", iterations = 1 }, iteration = function() end,
      setup = function() end },
  },]])
    assert.equal("again", made.phases[2].name)
    assert.equal(0.2, made.phases[1].load.duration)
  end)

  it("may have thresholds", function()
    local made = load(scenario(minimal .. '\n  thresholds = { ["reserve p95"] = "< 200ms", errors = "== 0" },'))
    assert.same({ "errors == 0", "reserve p95 < 200ms" }, { made.thresholds[1].text, made.thresholds[2].text })
    assert.same({}, load(scenario(minimal)).thresholds)
  end)

  it("without a scenario is a plain script that has not run", function()
    _G.plain_script_ran = nil
    local made = load("_G.plain_script_ran = true")
    assert.is_true(made.plain)
    assert.is_nil(_G.plain_script_ran)
    made.chunk()
    assert.is_true(_G.plain_script_ran)
    _G.plain_script_ran = nil
  end)

  it("that only speaks of scenarios is a plain script too", function()
    assert.same({ plain = true }, load("local scenario = 1; return scenario + 1"))
    assert.is_function(load("-- no scenario here").chunk)
  end)

  describe("is refused", function()
    it("when it is missing", function()
      local ok, err = pcall(loader.load, "no/such/file.lua")
      assert.is_false(ok)
      assert.equal("cannot read no/such/file.lua: No such file or directory", err.message)
    end)

    it("when it is a folder", function()
      local ok, err = pcall(loader.load, "spec")
      assert.is_false(ok)
      assert.matches("cannot read spec: Is a directory", err.message)
    end)

    it("for a syntax error, with its line", function()
      assert.matches("^s.lua:2: .*expected", refused("local x = 1\nlocal = 2"))
    end)

    it("when it raises, with its traceback", function()
      local message, err = refused("local scenario\nerror('no luck')")
      assert.matches("^s.lua:2: no luck", message)
      assert.matches("stack traceback", err.traceback)
    end)

    it("when it does not return its scenario", function()
      assert.matches("declares a scenario but does not return it",
        refused('local scale = require "scalerun"\nscale.scenario {\n' .. minimal .. "}"))
    end)
  end)

  describe("names the line and the nearest name for", function()
    local cases = {
      { "an unknown key", minimal .. "\n  verfy = function() end,",
        "^s.lua:6: .*unknown option 'verfy' %(did you mean 'verify'%?%)" },
      { "a wrong type", minimal .. '\n  setup = "x",', "^s.lua:6: .*option 'setup' must be function" },
      { "an unknown key of load", [[
  id = "S1",
  load = {
    executor = "per-project-iterations",
    iteratons = 3,
  },
  iteration = function() end,]], "^s.lua:6: .*unknown option 'iteratons' %(did you mean 'iterations'%?%)" },
      { "an unknown executor", [[
  id = "S1",
  load = { executor = "per-project-iteration" },
  iteration = function() end,]],
        "^s.lua:4: .*no executor is called 'per%-project%-iteration' %(did you mean 'per%-project%-iterations'%?%)" },
      { "an unknown need", minimal .. '\n  needs = { "databse" },',
        "^s.lua:6: .*needs does not know 'databse' %(did you mean 'database'%?%)" },
      { "too many replicas", minimal .. "\n  sandbox = { replicas = 21 },",
        "^s.lua:6: .*sandbox: replicas must be from 1 to 20, not 21" },
      { "an unknown setting of the sandbox", minimal .. "\n  sandbox = { reserve_rat = 1 },",
        "^s.lua:6: .*sandbox: unknown option 'reserve_rat' %(did you mean 'reserve_rate'%?%)" },
      { "a number too small", [[
  id = "S1",
  load = { executor = "per-project-iterations", iterations = 0 },
  iteration = function() end,]], "^s.lua:4: .*load.iterations must be at least 1, not 0" },
      { "what load needs", [[
  id = "S1",
  load = { executor = "constant-projects" },
  iteration = function() end,]], "^s.lua:4: .*needs duration" },
      { "a duration that is none", minimal .. '\n  timeout = "5 minutes",', "^s.lua:6: .*not a duration" },
      { "a list that is none", minimal .. "\n  covers = { a = 1 },", "^s.lua:6: .*must be a list" },
      { "a list of other things", minimal .. "\n  covers = { 1 },", "^s.lua:6: .*covers%[1%] must be a string" },
      { "a missing iteration", '  id = "S1",\n  load = { executor = "per-project-iterations", iterations = 1 },',
        "^s.lua:3: .*iteration is missing" },
      { "an id that is none", minimal:gsub('"S1"', '"S 1"'), "^s.lua:3: .*id must be given" },
      { "load beside phases", minimal .. "\n  phases = {},", "^s.lua:%d: .*exclude each other" },
      { "no phases", '  id = "S1",\n  phases = {},', "^s.lua:4: .*at least one phase" },
      { "two phases of one name", [[
  id = "S1",
  phases = {
    { name = "a", load = { executor = "per-project-iterations", iterations = 1 }, iteration = function() end },
    { name = "a", load = { executor = "per-project-iterations", iterations = 1 }, iteration = function() end },
  },]], "two phases have this name" },
      { "an unknown key of a phase", [[
  id = "S1",
  phases = {
    { name = "a", iterations = 3 },
  },]], "^s.lua:5: .*phase a: unknown option 'iterations' %(did you mean 'iteration'%?%)" },
    }
    for _, case in ipairs(cases) do
      it(case[1], function()
        assert.matches(case[3], (refused(scenario(case[2]))))
      end)
    end
  end)

  describe("whose iteration takes along", function()
    local function with(before, body)
      return before .. [[

local scale = require "scalerun"
return scale.scenario {
  id = "S1",
  load = { executor = "per-project-iterations", iterations = 1 },
  iteration = function(project)
    ]] .. body .. [[

  end,
}
]]
    end

    it("a table of the file is refused, with its name and line", function()
      local message = refused(with("local results = {}", "results[#results + 1] = project.id"))
      assert.matches("^s.lua:6: .*iteration uses 'results', a table of the file", message)
      assert.matches("project:record", message)
    end)

    it("one through a function of the file is refused as well", function()
      assert.matches("iteration uses 'seen'",
        (refused(with("local seen = { 1 }\nlocal function keep(id) seen[id] = true end", "keep(project.id)"))))
    end)

    it("one through a group of functions is refused as well", function()
      assert.matches("iteration uses 'seen'",
        (refused(with("local seen = { 1 }\nlocal h = {}\nfunction h.keep(id) seen[id] = true end", "h.keep(1)"))))
    end)

    local fine = {
      ["a required module"] = { 'local judge = require "scalerun.judge"', "return judge" },
      ["a function of a module"] = { 'local new = require("scalerun.judge").new', "return new" },
      ["a member of a module"] = { 'local pass = require("scalerun.executors")["constant-projects"]', "return pass" },
      ["a constant table"] = { 'local kinds = require("scalerun").const { "US" }', "return kinds" },
      ["a number"] = { "local most = 10", "return most" },
      ["its own functions"] = { "local h = {}\nfunction h.id(p) return p.id end", "return h.id(project)" },
      ["itself"] = { "local function f(n) return n and f(n - 1) end", "return f(1)" },
      ["a global"] = { "", "return math.max(1, 2)" },
    }
    for name, parts in pairs(fine) do
      it(name .. " is fine", function()
        assert.equal("S1", load(with(parts[1], parts[2])).id)
      end)
    end
  end)
end)

describe("scale", function()
  it("names the nearest field", function()
    local scale = require "scalerun"
    local ok, message = pcall(function()
      return scale.tsak
    end)
    assert.is_false(ok)
    assert.matches("scenario_spec.lua:%d+: scale has no field 'tsak' %(did you mean 'task'%?%)", message)
  end)
end)

describe("executors", function()
  it("are those that the host has", function()
    local names = {}
    for name in pairs(require "scalerun.executors") do
      names[#names + 1] = name
    end
    local host = require("scalerun.core.host").executors()
    table.sort(names)
    table.sort(host)
    assert.same(host, names)
  end)
end)

describe("a constant table", function()
  local const = require "scalerun.const"

  it("reads like the table it was made of", function()
    local view = const.new { "a", "b", deep = { x = 1 } }
    assert.equal(2, #view)
    assert.equal("b", view[2])
    assert.equal(1, view.deep.x)
    local keys = 0
    for _ in pairs(view) do
      keys = keys + 1
    end
    assert.equal(3, keys)
  end)

  it("does not change, at any depth", function()
    local view = const.new { deep = {} }
    assert.has_error(function()
      view.x = 1
    end)
    assert.has_error(function()
      view.deep.x = 1
    end)
  end)

  it("does not follow the table it was made of", function()
    local given = { 1 }
    local view = const.new(given)
    given[1] = 2
    assert.equal(1, view[1])
  end)
end)

describe("durations", function()
  local durations = require "scalerun.durations"

  it("are seconds or words", function()
    for given, expected in pairs { ["200ms"] = 0.2, ["1.5s"] = 1.5, ["2m"] = 120, ["1h"] = 3600, [3] = 3 } do
      assert.equal(expected, durations.seconds(given))
    end
    for _, wrong in ipairs { "5 s", "fast", "-1s", -1, 0 / 0, true, "1d", "." } do
      assert.is_nil((durations.seconds(wrong)))
    end
  end)

  it("are shown to people", function()
    assert.equal("0.4 s", durations.text(0.41))
    assert.equal("1 min 12 s", durations.text(72))
    assert.equal("2 h 5 min", durations.text(7500))
  end)
end)
