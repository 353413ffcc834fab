-- What a run shows while it runs, and how Ctrl-C ends it, in a pseudo-terminal.
local build = require "scalerun.core.build"
local command = require "spec.support.command"
local fs = require "scalerun.fs"
local scale = require "scalerun"
local terminal = require "spec.support.terminal"

describe("a run on a terminal", function()
  local box, screen, folder

  setup(function()
    box = scale.sandbox.start { projects = { "alpha", "beta" }, tasks = 1 }
  end)

  teardown(function()
    box:stop()
  end)

  before_each(function()
    folder = command.folder()
  end)

  after_each(function()
    if screen then
      screen:close()
    end
    screen = nil
  end)

  local function scenario(load, iteration)
    return command.file(folder, "live.lua", ([[
local scale = require "scalerun"
return scale.scenario {
  id = "L",
  load = { executor = "constant-projects", %s },
  iteration = function(project) %s project:record("n", 1) end,
  verify = function(run, seen) run:expect("some"):count(#seen.n):at_least(1) end,
}
]]):format(load, iteration))
  end

  local function start(path, words, options)
    local argv = { build.executable, "--target", box.url, "--keys", box.keys_file, "--report", folder .. "/reports" }
    table.move(words or { "--projects", "alpha,beta" }, 1, #(words or { 1, 2 }), #argv + 1, argv)
    argv[#argv + 1] = path
    screen = terminal.start(argv, options)
  end

  it("shows a line for each project and a bar, and nothing of it at the end", function()
    start(scenario('duration = "1s"', 'scale.time.sleep "5ms"'))
    local shown = screen:wait_for("L  load  %[#+%-+%]  %d.%d s of 1.0 s\n"
      .. "  alpha +running +%d+ +[%d.]+/s +p95 [%d.]+ ms\n  beta +running +%d+ +[%d.]+/s +p95 [%d.]+ ms")
    assert.matches("scalerun [%d.]+ · 2 projects", shown)
    shown = screen:wait_for("exit 0$")
    assert.is_nil(shown:find("running", 1, true), shown)
    assert.is_nil(shown:find("[#", 1, true), shown)
    assert.matches("seed 42\n\n L +L +pass", shown)
  end)

  it("shows nothing with -q", function()
    start(scenario('duration = "500ms"', 'scale.time.sleep "5ms"'), { "-q", "--projects", "alpha,beta" })
    assert.is_nil(screen:wait_for("exit 0$"):find("running", 1, true))
  end)

  it("fits a small window", function()
    local ids, keys = {}, {}
    for index = 1, 30 do
      ids[index] = ("p%02d"):format(index)
      keys[ids[index]] = "key"
    end
    local file = command.file(folder, "keys.json", scale.json.encode(keys))
    local words = { "--keys", file, "--projects", table.concat(ids, ",") }
    start(scenario('duration = "2s"', 'scale.time.sleep "5ms"'), words, { height = 12, width = 50 })
    local shown = screen:wait_for("and 22 more +%d+ +[%d.]+/s")
    assert.equal(1, select(2, shown:gsub("L  load", "")))
    screen:wait_for("exit 0$")
  end)

  it("finishes what is in flight after one Ctrl-C, and writes its report", function()
    local path = scenario('duration = "60s"', ([[
local log = io.open(%q, "a") log:write "begun\n" log:flush()
scale.time.sleep "300ms" log:write "ended\n" log:close()]]):format(folder .. "/log"))
    start(path)
    screen:wait_for("alpha +running")
    screen:press("C-c")
    local shown = screen:wait_for("exit 130$")
    assert.matches("stopping; once more to end at once", shown)
    assert.matches("scalerun: interrupted by SIGINT\n", shown)
    local _, begun = fs.read(folder .. "/log"):gsub("begun", "")
    local _, ended = fs.read(folder .. "/log"):gsub("ended", "")
    assert.equal(begun, ended)
    assert.equal(1, #fs.list(folder .. "/reports"))
  end)

  it("ends at once after two", function()
    start(scenario('duration = "60s"', ([[io.open(%q, "w"):close() scale.time.sleep "60s"]]):format(folder .. "/up")))
    screen:wait_for("alpha +waiting")
    screen:press("C-c")
    screen:wait_for("stopping")
    screen:press("C-c")
    local shown = screen:wait_for("exit 130$")
    assert.is_nil(shown:find("interrupted by", 1, true))
    assert.is_false(fs.exists(folder .. "/reports"))
  end)
end)
