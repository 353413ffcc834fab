local loader = require "scalerun.loader"
local pauses = require "scalerun.pauses"
local project = require "scalerun.project"
local scenario = require "scalerun.scenario"
local steps = require "scalerun.steps"

describe("a workflow", function()
  local path

  before_each(function()
    path = os.tmpname()
  end)

  after_each(function()
    os.remove(path)
  end)

  local function write(to, text)
    local file = assert(io.open(to, "w"))
    file:write(text)
    file:close()
  end

  local function load(text)
    write(path, text)
    return loader.load(path)
  end

  local function workflow(body)
    return 'local scale = require "scalerun"\nreturn scale.workflow {\n' .. body .. "\n}\n"
  end

  local function refused(text)
    local ok, err = pcall(load, text)
    assert.is_false(ok)
    assert.equal("script", err.kind)
    return (err.message:gsub(path:gsub("%W", "%%%0"), "w.lua"))
  end

  local minimal = [[  id = "epic",
  run = function(project) return project.id end,]]

  it("is a scenario of one walk by one project, when it runs by itself", function()
    local made = load(workflow(minimal))
    assert.is_true(scenario.is(made))
    assert.same({ "epic", "epic", 1, true }, { made.id, made.title, made.most_projects, made.workflow })
    assert.equal(1, made.phases[1].load.iterations)
  end)

  it("is taken by scenarios from its file, relative to theirs", function()
    local other = path .. ".epic.lua"
    write(other, workflow(minimal))
    local made = load(([[
local scale = require "scalerun"
local epic = scale.workflow.load %q
return scale.scenario {
  id = "S4",
  phases = {
    { name = "a", load = { executor = "per-project-iterations", iterations = 1 }, iteration = epic.run },
    { name = "b", load = { executor = "per-project-iterations", iterations = 1 },
      iteration = function(project) return epic.run(project) end },
  },
}
]]):format(other:match("[^/]+$")))
    os.remove(other)
    assert.equal("S4", made.id)
    local me = project.new({ id = "alpha", index = 1 }, {}, project.sink())
    assert.equal("alpha", made.phases[1].iteration(me))
    assert.equal("alpha", made.phases[2].iteration(me))
  end)

  it("is not taken from a file that has none", function()
    local other = path .. ".lua"
    write(other, "return 1")
    local message = refused(('local scale = require "scalerun"\nscale.workflow.load %q'):format(other))
    os.remove(other)
    assert.matches("^w.lua:2: workflow.load: .* declares no workflow", message)
  end)

  it("must be returned", function()
    assert.matches("declares a workflow but does not return it",
      refused('local scale = require "scalerun"\nscale.workflow {\n' .. minimal .. "}"))
  end)

  describe("names the line and the nearest name for", function()
    local cases = {
      { "an unknown key", minimal .. "\n  verfy = function() end,",
        "^w.lua:5: .*unknown option 'verfy' %(did you mean 'verify'%?%)" },
      { "a wrong type", minimal .. "\n  check = 1,", "^w.lua:5: .*option 'check' must be function" },
      { "an unknown need", minimal .. '\n  needs = { "databse" },', "^w.lua:5: .*did you mean 'database'%?" },
      { "an unknown setting of the sandbox", minimal .. "\n  sandbox = { reserve_rat = 1 },",
        "^w.lua:5: .*did you mean 'reserve_rate'%?" },
      { "a missing run", '  id = "epic",', "^w.lua:3: .*run is missing" },
      { "an id that is none", minimal:gsub('"epic"', '"e p"'), "^w.lua:3: .*id must be given" },
      { "a pause that is none", minimal .. "\n  think = { epic = 2 },", "^w.lua:5: .*think is a table of pauses" },
      { "an unknown key of a pause", minimal .. '\n  think = { epic = { mdian = "2s" } },',
        "^w.lua:5: .*pause epic: unknown option 'mdian' %(did you mean 'median'%?%)" },
      { "what a pause needs", minimal .. "\n  think = { epic = { sigma = 0.1, share = 0.5 } },",
        "^w.lua:5: .*pause epic: median is missing" },
      { "a median that is none", minimal .. '\n  think = { epic = { median = "long", sigma = 0.1, share = 0.5 } },',
        "^w.lua:5: .*median: .*not a duration" },
      { "a sigma that is none", minimal .. "\n  think = { epic = { median = 1, sigma = -1, share = 0.5 } },",
        "^w.lua:5: .*sigma must be at least 0" },
      { "a share that is none", minimal .. "\n  think = { epic = { median = 1, sigma = 0.1, share = 95 } },",
        "^w.lua:5: .*share must be above 0 and below 1" },
      { "shares that are too much together", minimal .. [[

  think = {
    a = { median = 1, sigma = 0.1, share = 0.5 },
    b = { median = 1, sigma = 0.1, share = 0.5 },
  },]], "^w.lua:5: .*below 1 together" },
    }
    for _, case in ipairs(cases) do
      it(case[1], function()
        assert.matches(case[3], (refused(workflow(case[2]))))
      end)
    end
  end)

  it("must not take along a table of its file", function()
    assert.matches("^w.lua:4: .*run uses 'made', a table of the file", (refused([[
local scale, made = require "scalerun", {}
return scale.workflow {
  id = "epic",
  run = function(project) made[project.id] = true end,
}]])))
  end)
end)

describe("steps", function()
  local me, sink
  local declared = { epic = { median = 0.001, sigma = 0.1, share = 0.5 } }

  before_each(function()
    sink = project.sink()
    me = project.new({ id = "alpha", index = 1 }, { seed = 42 }, sink)
    me.iteration = 1
  end)

  it("return what their function returns, and keep their order", function()
    local a, b, thought
    steps.walk(me, "w", declared, function()
      a, b = me:step("second?", function(...) return ... end, 1, nil)
      me:step("first?", function() end)
      thought = me:think("epic")
      me:step("second?", function() end)
    end)
    assert.same({ 1 }, { a, b })
    assert.is_number(thought)
    assert.same({
      { kind = "step", name = "second?" },
      { kind = "step", name = "first?" },
      { kind = "think", name = "epic", share = 0.5 },
      { kind = "workflow", name = "w" },
      { kind = "service", name = "w" },
    }, sink.steps)
  end)

  it("that fail say where", function()
    local ok, err = pcall(steps.walk, me, "w", declared, function()
      me:step("a", function() error("no luck") end)
    end)
    assert.is_false(ok)
    assert.matches("no luck", err.message)
    assert.matches("workflow_spec.lua", err.traceback)
    assert.is_nil(err.operation)
    assert.is_nil(me.walk)
  end)

  it("let errors of operations through as they are", function()
    local failure = { kind = "timeout", operation = "http", message = "late" }
    local _, err = pcall(steps.walk, me, "w", declared, function()
      me:step("a", error, failure)
    end)
    assert.equal(failure, err)
  end)

  it("think only as declared", function()
    local function message(fn)
      local ok, err = pcall(fn)
      assert.is_false(ok)
      return type(err) == "table" and err.message or err
    end
    assert.matches("only the run of a workflow thinks", message(function() me:think("epic") end))
    assert.matches("did you mean 'epic'%?", message(function()
      steps.walk(me, "w", declared, function() me:think("epics") end)
    end))
    assert.matches("it declares none", message(function()
      steps.walk(me, "w", {}, function() me:think("epic") end)
    end))
  end)

  it("of several projects become one list, with the whole at its end", function()
    local function list(...)
      local made = {}
      for index, name in ipairs { ... } do
        made[index] = { kind = name == "w" and "workflow" or "step", name = name }
      end
      return made
    end
    local names = {}
    for index, step in ipairs(steps.merge { list("a", "w"), list("a", "b", "w") }) do
      names[index] = step.name
    end
    assert.same({ "a", "b", "w" }, names)
  end)

  it("are no operations", function()
    for name, is_one in pairs {
      ["step load"] = false,
      ["think epic"] = false,
      ["workflow w"] = false,
      ["service w"] = false,
      ["ids.reserve"] = true,
      ["mcp tools/call step"] = true,
      ["steps of mine"] = true,
    } do
      assert.equal(is_one, steps.is_operation(name), name)
    end
  end)

  it("have numbers, and pauses their part of the whole", function()
    local rows = steps.measured {
      steps = { { kind = "think", name = "epic", share = 0.5 }, { kind = "workflow", name = "w" } },
      ops = { ["think epic"] = { mean = 1, count = 6 }, ["workflow w"] = { mean = 4, count = 2 } },
    }
    assert.equal(0.75, rows[1].taken)
    assert.is_nil(rows[2].taken)
  end)
end)

describe("pauses", function()
  local pause = { median = 2, sigma = 0.1, share = 0.9 }

  it("are the same for the same seed and place, and others elsewhere", function()
    local first = pauses.seconds(pause, 42, "alpha/1/epic/1")
    assert.equal(first, pauses.seconds(pause, 42, "alpha/1/epic/1"))
    assert.are_not.equal(first, pauses.seconds(pause, 43, "alpha/1/epic/1"))
    assert.are_not.equal(first, pauses.seconds(pause, 42, "alpha/2/epic/1"))
  end)

  it("are spread log-normally around the median", function()
    local logs, below, count = 0, 0, 4000
    for index = 1, count do
      local log = math.log(pauses.seconds(pause, 42, "alpha/" .. index) / pause.median)
      below = below + (log < 0 and 1 or 0)
      logs = logs + log * log
    end
    assert.near(0.5, below / count, 0.03)
    assert.near(pause.sigma, math.sqrt(logs / count), 0.005)
  end)

  it("do not vary without a sigma", function()
    assert.equal(2, pauses.seconds({ median = 2, sigma = 0, share = 0.9 }, 42, "x"))
  end)
end)
