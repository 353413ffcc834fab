-- What users see of the command line: messages, exit statuses, reports.
local command = require "spec.support.command"
local fs = require "scalerun.fs"
local json = require "scalerun.json"
local sandbox = require "scalerun.sandbox"
local time = require "scalerun.time"

describe("scalerun", function()
  local folder

  setup(function()
    folder = command.folder()
  end)

  teardown(function()
    fs.remove(folder)
  end)

  local function scenario(name, body)
    local text = 'local scale = require "scalerun"\nreturn scale.scenario {\n  id = %q,\n%s\n}\n'
    return command.file(folder, name .. ".lua", text:format(name, body))
  end

  local IDLE = "  iteration = function() end,"
  local ITERATIONS = '  load = { executor = "per-project-iterations", iterations = 2 },\n'

  describe("without a system under test", function()
    it("tells its version", function()
      local outcome = command.run({ "--version" }, { reports = false })
      assert.equal(0, outcome.status)
      assert.matches("^scalerun %d+%.%d+%.%d+ %(Lua 5%.4", outcome.stdout)
    end)

    it("shows its help", function()
      local outcome = command.run({ "--help" }, { reports = false })
      assert.equal(0, outcome.status)
      assert.matches("%-%-database DSN", outcome.stdout)
    end)

    it("shows its help when nothing is asked of it", function()
      local outcome = command.run({}, { reports = false })
      assert.equal(64, outcome.status)
      assert.matches("^Usage: scalerun", outcome.stderr)
    end)

    it("refuses an unknown option in one line, with the nearest one", function()
      local outcome = command.run({ "--progects", "3", "x.lua" }, { reports = false })
      assert.equal(64, outcome.status)
      assert.equal("scalerun: unknown option '--progects'. Did you mean '--projects'? (scalerun --help shows what it "
        .. "takes)\n", outcome.stderr)
      assert.equal("", outcome.stdout)
    end)

    it("says that --target needs keys", function()
      local outcome = command.run { "--target", "http://127.0.0.1:1", scenario("a", ITERATIONS .. IDLE) }
      assert.equal(64, outcome.status)
      assert.matches("%-%-keys FILE", outcome.stderr)
    end)

    it("names a file that is missing", function()
      local outcome = command.run { "no/such.lua" }
      assert.equal(3, outcome.status)
      assert.matches("scalerun: cannot read no/such.lua: No such file or directory\n", outcome.stderr)
    end)

    it("names file and line of a syntax error", function()
      local path = command.file(folder, "syntax.lua", "local x = 1\nlocal = 2\n")
      local outcome = command.run { path }
      assert.equal(3, outcome.status)
      assert.is_truthy(outcome.stderr:find(path .. ":2: ", 1, true))
    end)

    it("names file, line and nearest name of an unknown key", function()
      local path = scenario("key", ITERATIONS .. IDLE .. "\n  verfy = print,")
      local outcome = command.run { path }
      assert.equal(3, outcome.status)
      assert.is_truthy(outcome.stderr:find(path .. ":6: ", 1, true), outcome.stderr)
      assert.matches("unknown option 'verfy' %(did you mean 'verify'%?%)", outcome.stderr)
    end)

    it("names file and line of a wrong type", function()
      local path = scenario("type", [[
  load = { executor = "per-project-iterations", iterations = "2" },
  iteration = function() end,]])
      local outcome = command.run { path }
      assert.equal(3, outcome.status)
      assert.is_truthy(outcome.stderr:find(path .. ":4: ", 1, true), outcome.stderr)
      assert.matches("'iterations' must be integer", outcome.stderr)
    end)

    it("shows the traceback of a script that raises while it loads", function()
      local path = command.file(folder, "raises.lua", "local scenario\nerror('no luck')\n")
      local outcome = command.run { path }
      assert.equal(3, outcome.status)
      assert.is_truthy(outcome.stderr:find(path .. ":2: no luck", 1, true))
      assert.matches("stack traceback", outcome.stderr)
    end)

    it("refuses two scenarios of one id", function()
      local body = ITERATIONS .. IDLE
      scenario("same", body)
      local other = command.file(folder, "other.lua", fs.read(folder .. "/same.lua"))
      local outcome = command.run { "--database", "host=/nonexistent", folder .. "/same.lua", other }
      assert.equal(3, outcome.status)
      assert.matches("other.lua: scenario same is in .*same.lua already", outcome.stderr)
    end)

    it("runs a plain script, which may wait", function()
      local path = command.file(folder, "plain.lua", '#!/usr/bin/env scalerun\nlocal scale = require "scalerun"\n'
        .. 'scale.time.sleep("1ms")\nprint("hello")\n')
      local outcome = command.run { path }
      assert.equal(0, outcome.status)
      assert.equal("hello\n", outcome.stdout)
      assert.is_nil(outcome.report)
    end)

    it("ends with 3 when a plain script raises", function()
      local path = command.file(folder, "plain.lua", "local x = nil\nx.y = 1\n")
      local outcome = command.run { path }
      assert.equal(3, outcome.status)
      assert.is_truthy(outcome.stderr:find(path .. ":2: attempt to index a nil value", 1, true))
    end)

    it("ends with 4 when the target refuses the connection", function()
      local keys = command.file(folder, "keys.json", '{"alpha":"key-of-alpha-0001"}')
      local outcome = command.run { "--target", "http://127.0.0.1:1", "--keys", keys, "--projects", "alpha",
        scenario("a", ITERATIONS .. IDLE) }
      assert.equal(4, outcome.status)
      assert.matches("not reachable: %-%-target: http://127.0.0.1:1 cannot be reached", outcome.last_line)
      assert.equal("inconclusive", outcome.report.verdict)
      assert.is_nil(outcome.report_text:find("key-of-alpha", 1, true))
    end)

    it("ends with 4 when a DSN refuses, and does not show its password", function()
      local outcome = command.run { "--database", "postgresql://u:hunter22@127.0.0.1:1/db",
        scenario("a", ITERATIONS .. IDLE) }
      assert.equal(4, outcome.status)
      assert.matches("not reachable: %-%-database: 127.0.0.1:1/db cannot be reached", outcome.last_line)
      assert.is_nil((outcome.stdout .. outcome.stderr .. outcome.report_text):find("hunter22", 1, true))
    end)

    it("ends with 4 when Redis refuses", function()
      local outcome = command.run { "--redis", "redis://127.0.0.1:1", scenario("a", ITERATIONS .. IDLE) }
      assert.equal(4, outcome.status)
      assert.matches("%-%-redis: 127.0.0.1:1 cannot be reached", outcome.last_line)
    end)
  end)

  describe("with a deployment", function()
    local box, deployment

    setup(function()
      box = sandbox.start { projects = { "alpha", "beta" } }
      local keys = command.file(folder, "deployment-keys.json", json.encode(box.keys))
      deployment = { "--projects", "alpha,beta", "--target", box.url, "--keys", keys }
    end)

    teardown(function()
      box:stop()
    end)

    local function run(script, ...)
      local words = table.move(deployment, 1, #deployment, 1, {})
      for _, word in ipairs { ... } do
        words[#words + 1] = word
      end
      words[#words + 1] = script
      return command.run(words)
    end

    local GOOD = ITERATIONS .. [[
  iteration = function(project) project:record("n", project.iteration) end,
  verify = function(run, seen) run:expect("numbers"):count(#seen.n):equals(4) end,]]

    it("passes", function()
      local outcome = run(scenario("good", GOOD))
      assert.equal(0, outcome.status)
      assert.equal("scalerun: pass", outcome.last_line)
      assert.matches("\n good .- pass ", outcome.stdout)
      assert.matches("\nverdict pass · 1 scenario, 1 check · ", outcome.stdout)
      assert.equal("pass", outcome.report.verdict)
      assert.equal("scalerun.report/1", outcome.report.schema)
      assert.equal("deployment", outcome.report.target.kind)
      assert.same({ "numbers", "pass", 4, 4 }, { outcome.report.scenarios[1].checks[1].name,
        outcome.report.scenarios[1].checks[1].verdict, outcome.report.scenarios[1].checks[1].observed,
        outcome.report.scenarios[1].checks[1].expected })
      assert.equal(2, outcome.report.scenarios[1].projects[1].iterations)
    end)

    it("has no secret in what it writes", function()
      local outcome = run(scenario("good", GOOD), "--database", box.dsn, "-v")
      assert.equal(0, outcome.status)
      for _, key in pairs(box.keys) do
        assert.is_nil((outcome.stdout .. outcome.stderr .. outcome.report_text):find(key, 1, true))
      end
    end)

    it("fails when a check fails", function()
      local outcome = run(scenario("bad", GOOD:gsub("equals%(4%)", "equals(5)")))
      assert.equal(1, outcome.status)
      assert.equal("scalerun: fail: bad", outcome.last_line)
      assert.matches("fail  numbers: observed 4, expected 5", outcome.stdout)
    end)

    it("is inconclusive without checks", function()
      local outcome = run(scenario("none", ITERATIONS .. IDLE))
      assert.equal(2, outcome.status)
      assert.equal("scalerun: inconclusive: none", outcome.last_line)
    end)

    it("says which option a scenario is missing", function()
      local outcome = run(scenario("needy", GOOD .. '  needs = { "target", "database", "redis" },'))
      assert.equal(2, outcome.status)
      assert.matches("needs the database: observed this run has no database: give %-%-database DSN", outcome.stdout)
      assert.matches("give %-%-redis URL", outcome.stdout)
    end)

    it("shows a mistake in one project with its traceback, and lets the others go on", function()
      local path = scenario("broken", ITERATIONS .. [[
  iteration = function(project)
    if project.id == "beta" and project.iteration == 1 then local x = nil; x.y = 1 end
    project:record("n", project.iteration)
  end,
  verify = function(run, seen) run:expect("numbers"):count(#seen.n):equals(3) end,]])
      local outcome = run(path)
      assert.equal(3, outcome.status)
      assert.equal("scalerun: error in a script", outcome.last_line)
      local shown = ("error  project beta, iteration 1: %s:6: attempt to index a nil value"):format(path)
      assert.is_truthy(outcome.stdout:find(shown, 1, true), outcome.stdout)
      local row = outcome.report.scenarios[1]
      assert.equal("pass", row.checks[1].verdict)
      assert.equal("numbers", row.checks[1].name)
      assert.equal("beta", row.errors[1].project)
      assert.matches("stack traceback", row.errors[1].traceback)
    end)

    it("judges operations that fail as the target's failure", function()
      local outcome = run(scenario("refused", ITERATIONS .. [[
  iteration = function(project) require("scalerun.target.ids").reserve(project, "NOPE", 1) end,
  verify = function(run, seen) run:expect("none"):count(seen.ops["ids.reserve"].ok):equals(0) end,]]))
      assert.equal(1, outcome.status)
      local check = outcome.report.scenarios[1].checks[1]
      assert.same({ "no iteration fails", "fail" }, { check.name, check.verdict })
      assert.equal("ids.reserve", check.evidence[1].operation)
      assert.matches("POST /ids/reserve answered 400: ", check.evidence[1].message)
    end)

    it("refuses an expectation that says nothing", function()
      local outcome = run(scenario("open", ITERATIONS .. [[
  iteration = function() end,
  verify = function(run) run:expect("forgotten") end,]]))
      assert.equal(3, outcome.status)
      assert.matches('open.lua:6: expect%("forgotten"%) does not say what must hold', outcome.stdout)
    end)

    it("judges the rest when one of several scripts is broken", function()
      local path = scenario("good", GOOD)
      local outcome = run(path, command.file(folder, "syntax.lua", "local = 1"))
      assert.equal(3, outcome.status)
      assert.equal("pass", outcome.report.scenarios[1].verdict)
      assert.equal(1, #outcome.report.summary.errors)
    end)

    it("hands settings to scripts", function()
      local outcome = run(scenario("set", ITERATIONS .. [[
  iteration = function(project) project:record("x", project.settings.x) end,
  verify = function(run, seen) run:expect("x"):values(seen.x):all_equal(run.settings.x) end,]]), "--set", "x=y=z")
      assert.equal(0, outcome.status)
      assert.equal("4 of 4 are y=z", outcome.report.scenarios[1].checks[1].observed)
    end)

    it("runs teardown and writes its report when it is interrupted", function()
      local path = scenario("long", [[
  load = { executor = "constant-projects", duration = "60s" },
  iteration = function(project) scale.time.sleep("5ms") project:record("n", 1) end,
  verify = function(run, seen) run:expect("n"):count(#seen.n):at_least(1) end,
  teardown = function(run) run:log("cleaned up") end,]])
      local words = table.move(deployment, 1, #deployment, 1, {})
      words[#words + 1] = path
      local started = command.start(words)
      local deadline = time.now() + 30
      repeat
        time.sleep("20ms")
      until fs.read(started.folder .. "/stdout"):find("scalerun", 1, true) or time.now() > deadline
      started.process:kill("INT")
      local outcome = started.finish()
      assert.equal(130, outcome.status)
      assert.equal("scalerun: interrupted by SIGINT", outcome.last_line)
      assert.matches("cleaned up\n", outcome.stderr)
      assert.equal("inconclusive", outcome.report.verdict)
      assert.is_true(outcome.report.run.interrupted)
    end)

    it("does not end with 0 when the report cannot be written, and prints the verdict all the same", function()
      local words = table.move(deployment, 1, #deployment, 1, {})
      words[#words + 1] = scenario("good", GOOD)
      for _, place in ipairs { "/proc/none", command.file(command.folder(), "taken", "") .. "/reports" } do
        local outcome = command.run(words, { reports = place })
        assert.equal(3, outcome.status)
        assert.matches("^scalerun: pass, but the report was not written: .* %(choose .* with %-%-report DIR%)$",
          outcome.last_line)
        assert.matches("verdict pass", outcome.stdout)
      end
    end)

    it("does not end with 0 when a form that was asked for cannot be written", function()
      local words = table.move(deployment, 1, #deployment, 1, {})
      table.move({ "--format", "csv", scenario("good", GOOD) }, 1, 3, #words + 1, words)
      local outcome = command.run(words, { env = { TMPDIR = "/proc/none" } }) -- where operations are kept until the end
      assert.equal(3, outcome.status)
      assert.matches("^scalerun: pass, but %-%-format csv was not written: ", outcome.last_line)
      assert.equal("pass", outcome.report.verdict)
    end)

    it("writes a CSV of its heading alone where nothing was on record", function()
      local outcome = run(scenario("good", GOOD), "--format", "csv")
      assert.equal(0, outcome.status, outcome.stderr)
      local place = outcome.stdout:match(" · (%S+)/report.html\n")
      assert.matches("^scenario,phase,[%w_,]+,output\r\n$", fs.read(place .. "/operations.csv"))
    end)

    it("says what an iteration lacks, without blaming the target", function()
      local outcome = run(scenario("lacks", ITERATIONS .. "  iteration = function(project) return project.db end,"))
      assert.equal(2, outcome.status)
      assert.matches("project.db: this run has none: give %-%-database DSN", outcome.stdout)
    end)

    it("takes a target that does not speak HTTP for unreachable", function()
      local port = box.tcp_dsn:match(":(%d+)/")
      local outcome = command.run { "--projects", "alpha", "--target", "http://127.0.0.1:" .. port, "--keys",
        deployment[6], scenario("good", GOOD) }
      assert.equal(4, outcome.status)
      assert.matches("cannot be reached: ", outcome.last_line)
    end)

    it("takes a target that does not answer for unreachable", function()
      local process = box.targets[1].process
      process:kill("STOP")
      local outcome = run(scenario("good", GOOD))
      process:kill("CONT")
      assert.equal(4, outcome.status)
      assert.matches("cannot be reached: .*5 s", outcome.last_line)
    end)

    it("takes a target that answers otherwise for unreachable", function()
      local keys = deployment[6]
      local outcome = command.run { "--projects", "alpha", "--target", box.url .. "/tasks", "--keys", keys,
        scenario("good", GOOD) }
      assert.equal(4, outcome.status)
      assert.matches("/tasks cannot be reached: GET /health answered 40%d", outcome.last_line)
    end)
  end)
end)
