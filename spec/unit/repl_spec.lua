local chunk = require "scalerun.repl.chunk"
local commands = require "scalerun.repl.commands"
local complete = require "scalerun.repl.complete"
local const = require "scalerun.const"
local fold = require "scalerun.help.fold"
local help = require "scalerun.help"
local pretty = require "scalerun.repl.pretty"
local repl = require "scalerun.repl"

describe("a value at the prompt", function()
  local cyclic = { name = "x" }
  cyclic.self = cyclic
  local object = setmetatable({ size = 1 }, { __name = "scale.Thing" })
  local worded = setmetatable({}, { __tostring = function() return "in words" end })
  local deep = {}
  for _ = 1, 10 do
    deep = { deep }
  end
  local cases = {
    { nil, "nil" },
    { 1, "1" },
    { 1.0, "1.0" },
    { 'a"b\\\n\t\0', [["a\"b\\\n\t\0"]] },
    { "grün", '"grün"' },
    { "\xff", '"\\255"' },
    { {}, "{}" },
    { { 1, "a", x = true, ["b c"] = {} }, '{ 1, "a", ["b c"] = {}, x = true }' },
    { { [1] = 1, [3] = 3 }, "{ 1, [3] = 3 }" },
    { cyclic, '{ name = "x", self = <cycle> }' },
    { object, "scale.Thing { size = 1 }" },
    { worded, "in words" },
    { const.new { 1, a = 2 }, "{ 1, a = 2 }" },
    { deep, "{ { { { { { {…} } } } } } }" },
  }
  for _, case in ipairs(cases) do
    it("is shown: " .. case[2], function()
      assert.equal(case[2], pretty.text(case[1]))
    end)
  end

  it("is shown over several lines when it is wide", function()
    local word = ("x"):rep(60)
    assert.equal(('{\n  "%s",\n  { a = "%s" }\n}'):format(word, word), pretty.text { word, { a = word } })
  end)

  it("is bounded", function()
    local list = {}
    for index = 1, 100000 do
      list[index] = index
    end
    local text = pretty.text(list)
    assert.is_true(#text < 500)
    assert.matches("50,?%s*…", text)
    assert.matches("and 98000 bytes more$", pretty.text(("x"):rep(100000)))
    local wide = {}
    for a = 1, 50 do
      wide[a] = {}
      for b = 1, 50 do
        wide[a][b] = ("y"):rep(50)
      end
    end
    local _, lines = pretty.text(wide):gsub("\n", "")
    assert.is_true(lines <= 300)
  end)
end)

describe("what is typed", function()
  it("is an expression, a statement, incomplete or wrong", function()
    local env = {}
    assert.equal(3, chunk.compile("1 + 2", env)())
    chunk.compile("x = 5", env)()
    assert.equal(5, env.x)
    for _, text in ipairs { "for i = 1, 2 do", "f(", "x = {", "s = [[long", "if x then y()" } do
      assert.same({ nil, nil }, { chunk.compile(text, env) }, text)
    end
    local fn, problem = chunk.compile("x = = 1", env)
    assert.is_nil(fn)
    assert.equal("repl:1: unexpected symbol near '='", problem)
    assert.equal(0, select("#", chunk.compile("-- nothing", env)()))
  end)
end)

describe("completion", function()
  local Class = { __index = { method = print, field = 1 } }
  local env = setmetatable({ number = 1, numbers = {}, thing = setmetatable({ own = 1 }, Class) }, {
    __index = function(_, name)
      return name == "http" and require("scalerun.http") or _G[name]
    end,
  })
  local completer = complete.new {
    env = env,
    commands = commands.names(),
    classes = { [Class] = "scale.Project" },
    globals = repl.globals,
    files = function(start)
      return start == "" and { "a.lua", "b/" } or { "a.lua" }
    end,
    topics = help.topics,
    width = function()
      return 40
    end,
  }

  local cases = {
    { "numb", "er", "" },
    { "x = number", "", "number   numbers" },
    { "wxy", "", "" },
    { "htt", "p", "" },
    { "http.del", "ete(", "" },
    { "string.rep", "(", "" },
    { "thing.ow", "n", "" },
    { "thing:m", "ethod(", "" },
    { "thing:on", "_answer(", "" },
    { "thing.http:del", "ete(", "" },
    { "thing.mcp:call", "_tool(", "" },
    { ":h", "elp ", "" },
    { ":load a", ".lua", "" },
    { ":help http.strea", "m", "" },
    { "print(collectg", "arbage(", "" },
    { "nothing.at.all", "", "" },
  }
  for _, case in ipairs(cases) do
    it("of " .. case[1], function()
      assert.same({ case[2], case[3] }, { completer:complete(case[1]) })
    end)
  end

  it("connects nothing", function()
    local touched
    env.lazy = setmetatable({}, { __index = function()
      touched = true
    end })
    completer:complete("lazy.anything.at.all")
    assert.is_nil(touched)
  end)
end)

describe("help", function()
  it("is folded between words, and goes on further in", function()
    local text = "short\n  value  a plain number, or “text”, or a table of these"
    assert.equal("short\n  value  a plain number,\n    or “text”, or a table\n    of these", fold(text, 25))
    assert.equal(text, fold(text, nil))
    assert.equal("a\n\n" .. ("x"):rep(30), fold("a\n\n" .. ("x"):rep(30), 25))
  end)

  it("is there for every name that it lists", function()
    local topics = help.topics()
    assert.is_true(#topics > 200)
    for _, topic in ipairs(topics) do
      assert.is_string(help.text(topic), topic)
    end
  end)

  it("sets samples off without the fences of Markdown, and tells what calling an object does", function()
    local text = help.text "scale.matrix"
    assert.is_nil(text:find("```", 1, true))
    assert.matches("\n    local probes = scale%.matrix%(run%.projects%)\n", text)
    assert.matches("\n  scale%.workflow%(spec: scale%.Workflow%): scalerun%.Workflow  declares a workflow", (help.text
      "scale.workflow"))
  end)

  it("shows arguments and results", function()
    assert.equal([[
project:record(name, value)

  Hands a value to verify, which finds it in seen[name]: the one door by which values leave a project.

  name       string
  value      boolean|number|string|table  plain data; tables are copied]], (help.text "project:record"))
    assert.matches("^scale.http.get%(url, options%)\n.*\n  returns    scale.http.Response$", (help.text "http.get"))
  end)

  it("lists what a module has", function()
    local text = help.text "http"
    assert.matches('^scale.http %(require "scalerun.http"%)\n\n  HTTP%. ', text)
    assert.matches("\n  get%(url, options%) +Sends a GET request%.\n", text)
  end)

  it("finds objects by the names that scripts give them", function()
    assert.matches("^seen.iterations: integer\n", (help.text "seen.iterations"))
    assert.matches("^scale.Redis\n", (help.text "Redis"))
    assert.matches("^scale.redis ", (help.text "redis"))
    assert.matches("^scale.History\n", (help.text "history"))
  end)

  it("suggests the nearest name", function()
    assert.same({ nil, "http.get" }, { help.text "http.gte" })
  end)
end)
