-- Replicas, balancer and profiles as scenarios meet them, through the command line.
local command = require "spec.support.command"
local scale = require "scalerun"
local fs, json, process = scale.fs, scale.json, scale.process

local HEAD = [[
local scale = require "scalerun"
local function ask(project)
  return project.http:get("/tasks/next?project=" .. project.id).headers["x-replica"]
end
]]

local function checks(outcome, id)
  for _, row in ipairs(outcome.report.scenarios) do
    if row.id == id then
      local list = {}
      for _, check in ipairs(row.checks) do
        list[#list + 1] = ("%s %s"):format(check.verdict, check.name)
      end
      return list, row
    end
  end
end

describe("a deployment with replicas", function()
  local folder

  setup(function()
    folder = command.folder()
  end)

  teardown(function()
    fs.remove(folder)
  end)

  local function file(name, text)
    return command.file(folder, name, HEAD .. text)
  end

  local SHARES = [[
return scale.scenario {
  id = "%s",
  needs = { "target", "replicas", "cache" },
  load = { executor = "per-project-iterations", iterations = { quick = 6, full = 60 } },
  %s
  iteration = function(project)
    project:record("through", ask(project))
    project:record("past", ask(project:at("b")))
    project:record("profile", project.profile)
    project:at("b").mcp:ping()
  end,
  verify = function(run, seen)
    local count = {}
    for _, name in ipairs(seen.through) do count[name] = (count[name] or 0) + 1 end
    run:expect("each has its share"):values({ count.a, count.b, count.c }):all_equal(#seen.through // 3)
    run:expect("one can be asked"):values(seen.past):all_equal("b")
    run:expect("the profile is known"):values(seen.profile):all_equal(run.profile)
    run:expect("there are three"):count(#run.replicas):equals(3)
    if not run:undecided("the balancer is seen", "balancer") then
      run:expect("the balancer is seen"):value(run:has("balancer")):is_true()
    end
  end,
}]]

  it("is started for the scenarios that ask for it, and changed between them", function()
    local outcome = command.run {
      "--projects", "3", "--profile", "quick",
      file("1.lua", [[
return scale.scenario {
  id = "one",
  load = { executor = "per-project-iterations", iterations = 1 },
  iteration = function(project) project:record("name", ask(project)) end,
  verify = function(run, seen)
    run:expect("one replica"):values(seen.name):all_equal("a")
    run:expect("no other"):count(#run.replicas):equals(1)
    run:undecided("shares", "replicas")
  end,
}]]),
      file("2.lua", SHARES:format("three", "sandbox = { replicas = 3 },")),
      file("3.lua", [[
return scale.scenario {
  id = "killed",
  sandbox = { replicas = 2 },
  load = { executor = "per-project-iterations", iterations = 4 },
  setup = function(run)
    run:restart_target()
    run:kill_replica("a")
    local deadline = scale.time.now() + 20
    repeat scale.time.sleep(0.02) until scale.http.get(run.target.url .. "/health").status == 200
        and scale.http.get(run.target.url .. "/health").status == 200 or scale.time.now() > deadline
  end,
  iteration = function(project) project:record("name", ask(project)) end,
  verify = function(run, seen)
    run:expect("the other one answers"):values(seen.name):all_equal("b")
    run:start_replica("a")
  end,
}]]),
      file("4.lua", SHARES:format("again", "sandbox = { replicas = 3 },")),
    }
    assert.same({ "pass one replica", "pass no other", "inconclusive shares" }, (checks(outcome, "one")))
    local all = { "pass each has its share", "pass one can be asked", "pass the profile is known",
      "pass there are three", "pass the balancer is seen" }
    assert.same(all, (checks(outcome, "three")))
    assert.same({ "pass the other one answers" }, (checks(outcome, "killed")))
    assert.same(all, (checks(outcome, "again")))
    assert.equal(2, outcome.status)
    assert.matches("this run has no replicas: give %-%-replicas N, 2 or more", outcome.stdout)
    assert.matches("target ×1…3 ", outcome.stdout)
    assert.equal("quick", outcome.report.run.profile)
    assert.equal(6, outcome.report.scenarios[2].projects[1].iterations)
  end)

  it("has as many as the command line says, and shows the sandbox's own fault", function()
    local script = file("5.lua", SHARES:format("shares", ""))
    local outcome = command.run { "--projects", "3", "--profile", "quick", "--replicas", "3", script }
    assert.equal(0, outcome.status, outcome.stdout)
    assert.matches("target ×3", outcome.stdout)
    outcome = command.run { "--projects", "3", "--profile", "quick", "--replicas", "3", "--fault", "skewed_balancer",
      script }
    assert.equal(1, outcome.status)
    assert.equal("fail each has its share", checks(outcome, "shares")[1])
    outcome = command.run { "--replicas", "1", script }
    assert.equal(2, outcome.status)
    assert.matches("needs the replicas: observed this run has no replicas: give %-%-replicas N", outcome.stdout)
  end)

  it("can be one that is there already", function()
    local held = process.spawn {
      require("scalerun.core.build").executable, "sandbox", "--replicas", "3", "--projects", "3", "-q", stdout = "pipe",
    }
    local lines = {}
    repeat
      lines[#lines + 1] = held:read("line")
    until lines[#lines]:find("^scalerun ")
    local text = table.concat(lines, "\n")
    local target, dsn, redis, keys = text:match("target +(%S+)"), text:match("database +([^\n]+)"),
      text:match("redis +(%S+)"), text:match("keys +(%S+)")
    local stats = text:match("balancer +(%S+)")
    local urls = {}
    for name, url in text:gmatch("replica +(%S) (%S+)") do
      urls[#urls + 1] = url
      assert.equal(name, scale.http.get(url .. "/health").headers["x-replica"])
    end
    assert.is_table(json.decode(fs.read(keys)))
    local script = file("6.lua", SHARES:format("there", ""))
    local words = { "--projects", "3", "--target", target, "--keys", keys, "--database", dsn, "--redis", redis }
    local function run(...)
      local all = table.move(words, 1, #words, 1, {})
      for _, word in ipairs { ... } do
        all[#all + 1] = word
      end
      return command.run(all)
    end
    local outcome = run("--replica-urls", table.concat(urls, ","), "--balancer", stats, script)
    assert.equal(0, outcome.status, outcome.stdout)
    outcome = run("--replica-urls", table.concat(urls, ","), script)
    assert.equal(2, outcome.status)
    assert.matches("this run has no balancer: give %-%-balancer URL", outcome.stdout)
    outcome = run("--balancer", target, script)
    assert.equal(4, outcome.status)
    assert.matches("%-%-balancer: " .. target:gsub("%p", "%%%0") .. "/;csv cannot be reached: .*answers 404",
      outcome.last_line)
    outcome = run("--replica-urls", "http://127.0.0.1:1", script)
    assert.equal(4, outcome.status)
    assert.matches("%-%-replica%-urls: http://127.0.0.1:1 cannot be reached", outcome.last_line)
    local kills = file("7.lua", [[
return scale.scenario {
  id = "kills",
  load = { executor = "per-project-iterations", iterations = 1 },
  setup = function(run) run:kill_replica("a") end,
  iteration = function() end,
}]])
    outcome = run(kills)
    assert.equal(2, outcome.status)
    assert.matches("scalerun ends and starts only what it has started: leave %-%-target", outcome.stdout)
    held:stop()
  end)
end)
