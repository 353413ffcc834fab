-- What witnesses are to a scenario, through the command line.
local command = require "spec.support.command"
local sandbox = require "scalerun.sandbox"

local function run(body, words)
  local folder = command.folder()
  local path = command.file(folder, "s.lua", ('local scale = require "scalerun"\n'
    .. 'local ids = require "scalerun.target.ids"\nreturn scale.scenario {\n  id = "W1",\n%s\n}\n'):format(body))
  local argv = { path }
  table.move(words or {}, 1, #(words or {}), 2, argv)
  return command.run(argv)
end

local function checks_of(outcome)
  local checks = {}
  for _, check in ipairs(outcome.report.scenarios[1].checks) do
    checks[check.name] = check.verdict
  end
  return checks
end

local LOAD = [[
  sandbox = { reserve_rate = 0 },
  load = { executor = "constant-projects", duration = "300ms" },
  iteration = function(project)
    ids.reserve(project, "US", 1)
  end,]]

describe("a scenario's witnesses", function()
  it("give series, changes and agreement", function()
    local outcome = run(LOAD .. [[
  witness = { rate = 20 },
  verify = function(run, seen)
    local connections = run:series("connections")
    run:expect("connections were seen"):count(#connections.points):at_least(3)
    run:expect("the pool holds"):count(connections.max):between(1, 30)
    run:expect("nobody waited in vain"):count(run:series("pool timeouts").last):equals(0)
    run:expect("they agree"):evidence(scale.agree {
      name = "ids",
      a = { source = "the clients", value = seen.ops["ids.reserve"].ok },
      b = { source = "the target", value = run.target:during():sum("ids_allocated_total") },
    })
    run:expect("no balancer, no number"):value(run:series("requests a").last):equals(1)
  end,]])
    assert.equal(2, outcome.status, outcome.stdout .. outcome.stderr)
    assert.same({
      ["connections were seen"] = "pass",
      ["the pool holds"] = "pass",
      ["nobody waited in vain"] = "pass",
      ["they agree"] = "pass",
      ["no balancer, no number"] = "inconclusive",
    }, checks_of(outcome))
  end)

  it("that lie are found out", function()
    local outcome = run(LOAD .. [[
  verify = function(run, seen)
    run:expect("they agree"):evidence(scale.agree {
      name = "requests",
      a = { source = "the clients", value = seen.ops["ids.reserve"].ok },
      b = { source = "the target", value = run.target:during():sum("task_tracking_requests") },
      tolerance = "10%",
    })
  end,]], { "--fault", "metrics_lie" })
    assert.equal(1, outcome.status, outcome.stdout .. outcome.stderr)
    assert.matches("requests: %d+ by the clients, %d+ by the target", outcome.stdout)
  end)

  it("are absent where nobody looks, or nobody is there", function()
    local verify = [[
  verify = function(run)
    run:expect("seen"):count(run:series("connections").max):at_most(25)
    run:expect("counted"):value(run.target:during():sum("task_tracking_requests")):equals(1)
  end,]]
    assert.same({ seen = "inconclusive", counted = "inconclusive" },
      checks_of(run(LOAD .. "witness = false," .. verify)))
    local box <close> = sandbox.start { reserve_rate = 0 }
    local alone = checks_of(run(LOAD .. [[
  verify = function(run)
    run:expect("seen"):count(run:series("connections").max):at_most(25)
    run:expect("counted"):value(run.target:during():sum("task_tracking_requests")):at_least(1)
  end,]], { "--target", box.url, "--keys", box.keys_file }))
    assert.same({ seen = "inconclusive", counted = "pass" }, alone)
  end)

  it("that see one of several replicas decide nothing", function()
    local box <close> = sandbox.start { reserve_rate = 0, replicas = 2 }
    local outcome = run(LOAD .. [[
  verify = function(run, seen)
    local counted = run.target:during()
    run:expect("they agree"):evidence(scale.agree {
      name = "requests",
      a = { source = "the clients", value = seen.ops["ids.reserve"].ok },
      b = { source = "the target", value = counted:sum("task_tracking_requests"), missing = counted.problem },
    })
  end,]], { "--target", box.url, "--keys", box.keys_file })
    assert.same({ ["they agree"] = "inconclusive" }, checks_of(outcome))
    assert.matches("nothing by the target %(.*give %-%-replica%-urls", outcome.stdout)
  end)

  it("that a replica takes along when it goes decide nothing", function()
    local outcome = run [[
  sandbox = { reserve_rate = 0, replicas = 2 },
  phases = {
    { name = "work", load = { executor = "per-project-iterations", iterations = 4 }, iteration = function(project)
      ids.reserve(project, "US", 1)
    end },
    { name = "kill", load = { executor = "per-project-iterations", iterations = 1 }, iteration = function() end,
      setup = function(run) run:kill_replica("b") end },
  },
  verify = function(run)
    local counted = run.target:during()
    run:expect("counted"):count(counted:sum("task_tracking_requests")):equals(20)
    run:expect("the reason is told"):values({ counted.problem:match("replica (%a)") }):all_equal("b")
  end,]]
    assert.same({ counted = "inconclusive", ["the reason is told"] = "pass" }, checks_of(outcome))
  end)

  it("that fall silent leave a gap that is told, and fail nothing", function()
    local outcome = run(LOAD .. [[
  witness = { "database", application = "another/%" },
  verify = function(run, seen)
    run:expect("reserved"):count(seen.ops["ids.reserve"].ok):at_least(1)
  end,]])
    assert.equal(0, outcome.status, outcome.stdout .. outcome.stderr)
    assert.matches("W1  witness sampler, .*: no connection to PostgreSQL is called like 'another/%%'", outcome.stderr)
  end)

  it("that cannot be reached name the option", function()
    local outcome = run(LOAD .. [[
  verify = function(run)
    run.balancer:stats()
  end,]])
    assert.equal(2, outcome.status, outcome.stdout .. outcome.stderr)
    assert.matches("run%.balancer: this run has none: give %-%-", outcome.stdout)
  end)

  it("are refused when they are mistyped, with line and suggestion", function()
    local outcome = run(LOAD .. "\n  witness = { \"databse\" },")
    assert.equal(3, outcome.status)
    assert.matches("s%.lua:%d+: .*witness does not know 'databse' %(did you mean 'database'%?%)", outcome.stderr
      .. outcome.stdout)
    outcome = run(LOAD .. [[
  verify = function(run)
    run:series("conections")
  end,]])
    assert.equal(3, outcome.status)
    assert.matches("no witness sees 'conections' %(did you mean 'connections'%?%)", outcome.stdout .. outcome.stderr)
  end)
end)
