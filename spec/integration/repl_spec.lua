-- The REPL, in a pseudo-terminal and at the end of a pipe.
local build = require "scalerun.core.build"
local command = require "spec.support.command"
local fs = require "scalerun.fs"
local process = require "scalerun.process"
local terminal = require "spec.support.terminal"

describe("the prompt", function()
  local screen

  local function start(...)
    screen = terminal.start { build.executable, ... }
    screen:wait_for("\n>$")
  end

  after_each(function()
    if screen then
      screen:close()
    end
    screen = nil
  end)

  it("comes without arguments, and ends with Ctrl-D", function()
    start()
    assert.matches("scalerun [%d.]+, Lua 5.4", screen:screen())
    screen:press("C-d")
    screen:wait_for("exit 0$")
  end)

  it("prints values, and calls what waits", function()
    start("repl")
    screen:type("1 + 1, 'a\\n'")
    screen:wait_for('\n2\t?%s*"a\\n"\n>$')
    screen:type("t = { 1, { x = true } } t.self = t")
    screen:type("t")
    screen:wait_for("\n{ 1, { x = true }, self = <cycle> }\n>$")
    screen:type("time.sleep '5ms' == nil")
    screen:wait_for("\ntrue\n>$")
  end)

  it("goes on in the next line until a chunk is whole", function()
    start("repl")
    screen:type("for i = 1, 2 do")
    screen:wait_for("\n>>$")
    screen:type("print('line ' .. i)")
    screen:wait_for("%.%. i%)\n>>$")
    screen:type("end")
    screen:wait_for("\nline 1\nline 2\n>$")
    screen:type("x = = 1")
    screen:wait_for("\nrepl:1: unexpected symbol near '='\n>$")
  end)

  it("lets other tasks run while a line is typed", function()
    start("repl")
    screen:type("n = 0 ; task.spawn(function() while n < 5 do time.sleep '5ms' n = n + 1 end print 'ticked' end) "
      .. "return")
    screen:text("n +")
    screen:wait_for("ticked")
    screen:type(" 1")
    screen:wait_for("\n6\n>$")
  end)

  it("completes globals, fields and methods", function()
    start("repl")
    screen:text("htt")
    screen:press("Tab")
    screen:text(".ge")
    screen:press("Tab")
    screen:wait_for("\n> http%.get%($")
    screen:press("C-c")
    screen:wait_for("%^C\n>$")
    screen:text("http.p")
    screen:press("Tab")
    screen:wait_for("\npatch  post   put\n> http%.p$")
    screen:press("C-c")
    screen:type("s = 'text'")
    screen:text("s:uppe")
    screen:press("Tab")
    screen:type(")")
    screen:wait_for('\n"TEXT"\n>$')
    screen:text(":he")
    screen:press("Tab")
    screen:type("project:record")
    screen:wait_for("\n  name       string\n")
  end)

  it("ends the running line with Ctrl-C, and nothing else", function()
    start("repl")
    screen:type("print 'begun' time.sleep(1000)")
    screen:wait_for("\nbegun")
    screen:press("C-c")
    screen:wait_for("interrupted\n>$")
    screen:type("print 'looping' while true do end")
    screen:wait_for("\nlooping")
    screen:press("C-c")
    screen:wait_for("looping\n.*interrupted\n>$")
    screen:text("half a line")
    screen:press("C-c")
    screen:wait_for("half a line%^C\n>$")
    screen:type("40 + 2")
    screen:wait_for("\n42\n>$")
  end)

  it("keeps a history that only its owner reads", function()
    start("repl")
    screen:type("'remember ' .. 6 * 7")
    screen:wait_for('\n"remember 42"\n>$')
    screen:type(":quit")
    screen:wait_for("exit 0")
    local path = screen.folder .. "/.local/state/scalerun/history"
    assert.equal(0x180, fs.stat(path).mode & 0x1ff)
    local again = terminal.start({ build.executable, "repl" }, { env = { HOME = screen.folder } })
    again:wait_for("\n>$")
    again:press("Up", "Up")
    again:wait_for("> 'remember ' %.%. 6 %* 7$")
    again:close()
  end)

  it("leaves the terminal as it was when it is told to end", function()
    start("repl")
    screen:type("pid = io.open('/proc/self/stat'):read('n') ; task.spawn(function() time.sleep '200ms' "
      .. "process.run { 'kill', '-TERM', pid } end) return")
    screen:text("not finished")
    screen:wait_for("exit 143$")
  end)

  it("starts a sandbox whose projects have their clients", function()
    start("repl", "--projects", "alpha,beta-b")
    screen:type(":sandbox")
    screen:wait_for("projects  alpha, beta%-b\n>$")
    screen:type("projects.alpha.ids.reserve('US', 2).ids, projects.beta_b.http:get('/health').status")
    screen:wait_for('\n{ "US%-001", "US%-002" }%s+200\n>$')
    screen:type("projects['beta-b'].tasks.next().project_id, projects.alpha.tasks.next().project_id")
    screen:wait_for('\n"beta%-b"%s+"alpha"\n>$')
    screen:type("projects.alpha.db:value('SELECT 1 + 1'), projects.alpha.redis:ping()")
    screen:wait_for('\n2%s+"PONG"\n>$')
    screen:type("#projects.alpha.mcp:list_tools() > 3")
    screen:wait_for("\ntrue\n>$")
    screen:text("projects.beta_b:reco")
    screen:press("Tab")
    screen:wait_for("\n> projects%.beta_b:record%($")
    screen:press("C-c")
    local script = command.file(screen.folder, "one.lua", [[
      local scale = require "scalerun"
      return scale.scenario { id = "R", load = { executor = "per-project-iterations", iterations = 1 },
        iteration = function(project) project:record("p", project.id) end,
        verify = function(run, seen) run:expect("both"):count(#seen.p):equals(2) end }]])
    screen:type((":run %s --report %s/reports"):format(script, screen.folder))
    screen:wait_for("verdict pass.*scalerun: pass\n>$")
    screen:press("C-d")
    screen:wait_for("exit 0$")
  end)
end)

describe("the REPL without a terminal", function()
  local function run(input, ...)
    return process.run { build.executable, "repl", ..., input = input, timeout = "30s" }
  end

  it("runs the lines and prints results", function()
    local outcome = run("x = 20\nx + 1\nif x then\n  print('yes')\nend\ntime.sleep('1ms')\n'last'")
    assert.same({ 0, '21\nyes\n"last"\n', "" }, { outcome.status, outcome.stdout, outcome.stderr })
  end)

  it("ends with 3 when a line has failed", function()
    local outcome = run("error('no')\n1\n")
    assert.same({ 3, "1\n", "repl:1: no\n" }, { outcome.status, outcome.stdout, outcome.stderr })
    assert.equal(3, run("x = = 1").status)
    assert.equal(3, run("for i = 1, 2 do").status)
    assert.equal(3, run(":nothing").status)
  end)

  it("shows what an operation failed with", function()
    local outcome = run("http.get('http://127.0.0.1:1/')\nerror({ code = 5 })\n")
    assert.matches("^http.request: GET http://127.0.0.1:1/: .-\n{ code = 5 }\n$", outcome.stderr)
  end)

  it("has commands", function()
    local folder = command.folder()
    local script = command.file(folder, "lib.lua", "answer = 42 return 'loaded'")
    local outcome = run((":load %s\nanswer\n:time answer + 1\n:help time.sleep\n:quit\nnever"):format(script))
    assert.equal(0, outcome.status, outcome.stderr)
    assert.matches('^"loaded"\n42\n43\n[%d.]+ ms\nscale.time.sleep%(duration, spin%)\n', outcome.stdout)
    assert.is_nil(outcome.stdout:find("never", 1, true))
    outcome = run(":helo\n:help http.gte\n:help\n")
    assert.equal(3, outcome.status)
    assert.matches("there is no command :helo %(there are :help, ", outcome.stderr)
    assert.matches("there is nothing about 'http.gte' %(did you mean 'http.get'%?%)", outcome.stderr)
    assert.matches(":sandbox", outcome.stdout)
  end)

  it("runs a script first", function()
    local folder = command.folder()
    local outcome = run("double(21)", command.file(folder, "lib.lua", "function double(n) return 2 * n end"))
    assert.same({ 0, "42\n" }, { outcome.status, outcome.stdout })
  end)
end)
