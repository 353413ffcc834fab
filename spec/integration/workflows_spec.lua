-- Workflows run by themselves, and scenario M1, as users run them: through the command line on a real sandbox.
local command = require "spec.support.command"
local fs = require "scalerun.fs"
local sandbox = require "scalerun.sandbox"

local workflows = {
  ["epic-generation"] = { "scripts/workflows/epic_generation.lua", "load sdlc-core", "store epic", "add task: prd" },
  ["prd-creation"] = { "scripts/workflows/prd_creation.lua", "load template prd", "store prd", "add task: hls" },
  ["story-breakdown"] = { "scripts/workflows/story_breakdown.lua", "reserve ids", "store story", "complete task" },
}

local function rows_of(outcome)
  local rows = {}
  for _, row in ipairs(outcome.report.scenarios) do
    rows[row.id] = row
  end
  return rows
end

local function steps_of(row)
  local by_kind = { step = {}, think = {}, workflow = {}, service = {} }
  for _, step in ipairs(row.steps) do
    by_kind[step.kind][step.name] = step
  end
  return by_kind
end

describe("the workflows", function()
  it("pass, with each step in the table and in the report", function()
    local words = { "--projects", "2" }
    for _, expected in pairs(workflows) do
      words[#words + 1] = expected[1]
    end
    local outcome = command.run(words)
    assert.equal(0, outcome.status, outcome.stdout .. outcome.stderr)
    local rows = rows_of(outcome)
    for id, expected in pairs(workflows) do
      local row = rows[id]
      assert.equal("pass", row.verdict)
      assert.equal(5, #row.checks)
      assert.same({ "ai-agent", 1 }, { row.projects[1].project_id, row.projects[1].iterations })
      assert.is_nil(row.projects[2])
      local steps = steps_of(row)
      for index = 2, #expected do
        assert.is_true(steps.step[expected[index]].ok >= 1)
        assert.matches(expected[index]:gsub("%p", "%%%0") .. " +%d+%.%d ms", outcome.stdout)
      end
      local total, service, thought = steps.workflow[id].latency_ms.mean, steps.service[id].latency_ms.mean, 0
      for _, pause in pairs(steps.think) do
        thought = thought + pause.latency_ms.mean * pause.ok
        assert.is_number(pause.share_declared)
        assert.is_number(pause.share)
      end
      assert.near(total, service + thought, 10)
    end
    assert.matches("thinking: epic +%d+%.%d ms  %d+ %% of the total, declared 95 %%", outcome.stdout)
  end)

  it("are what a scenario's iterations do, in every project", function()
    local script = command.file(command.folder(), "scenario.lua", ([[
local scale = require "scalerun"
local epic = scale.workflow.load %q
return scale.scenario {
  id = "X",
  load = { executor = "per-project-iterations", iterations = 2 },
  sandbox = { reserve_rate = 0 },
  iteration = function(project) epic.check(project, epic.run(project)) end,
  verify = function(run, seen)
    epic.verify(run, seen)
    run:expect("walks"):count(seen.ops["workflow epic-generation"].ok):equals(2 * #run.projects)
  end,
}
]]):format(fs.realpath("scripts/workflows/epic_generation.lua")))
    local outcome = command.run { "--projects", "3", script }
    assert.equal(0, outcome.status, outcome.stdout .. outcome.stderr)
    assert.equal(6, steps_of(outcome.report.scenarios[1]).step["store epic"].ok)
    assert.is_nil(outcome.stdout:find("store epic", 1, true))
  end)

  it("fail when what they say they made is not there", function()
    local script = command.file(command.folder(), "liar.lua", [[
local scale = require "scalerun"
local framework = require "scalerun.target.framework"
local generation = require "scalerun.target.generation"
return scale.workflow {
  id = "liar",
  run = function(project)
    local task = project:step("take task", framework.next_task, project)
    project:step("store", framework.store, project, "US-001", "one text")
    return { task = task.task_id, artifacts = { { id = "US-001", content = "another text" } }, follow_ups = { "X-1" } }
  end,
  check = generation.check,
  verify = generation.verify,
}
]])
    local outcome = command.run { "--projects", "1", script }
    assert.equal(1, outcome.status, outcome.stdout .. outcome.stderr)
    local verdicts = {}
    for _, check in ipairs(outcome.report.scenarios[1].checks) do
      verdicts[check.name] = check.verdict
    end
    assert.same({
      ["the workflow comes to its end"] = "pass",
      ["artifacts are read back as they were stored"] = "fail",
      ["the task is completed"] = "fail",
      ["the queue holds the follow-ups"] = "fail",
      ["the database has the tasks so"] = "fail",
    }, verdicts)
    assert.matches("TASK%-%d+ of ai%-agent is not there as completed", outcome.stdout)
  end)

  it("fail at the step that does not succeed", function()
    local script = command.file(command.folder(), "short.lua", [[
local scale = require "scalerun"
local framework = require "scalerun.target.framework"
return scale.workflow {
  id = "short",
  run = function(project)
    project:step("validate", framework.validate, project, "EPIC", "EPIC-001", "no title")
  end,
}
]])
    local outcome = command.run { "--projects", "1", script }
    assert.equal(1, outcome.status, outcome.stdout .. outcome.stderr)
    assert.equal(1, steps_of(outcome.report.scenarios[1]).step.validate.failed)
    assert.matches("1  validate .* ms  1 failed", outcome.stdout)
    assert.matches("ai%-agent, iteration 1: mcp tools/call validate_artifact: EPIC%-001 is not valid: ", outcome.stdout)
  end)
end)

describe("project.mcp and M1, identical JSON-RPC ids,", function()
  local script = "scripts/scenarios/mcp_identical_ids.lua"
  local box

  setup(function()
    box = sandbox.start { tasks = 0 }
  end)

  teardown(function()
    box:stop()
  end)

  local function run(fault)
    box:configure { fault = fault }
    return command.run { "--target", box.url, "--keys", box.keys_file, script }
  end

  it("passes", function()
    local outcome = run(false)
    assert.equal(0, outcome.status, outcome.stdout .. outcome.stderr)
    assert.matches("120 answers to one id from 5 projects, each its own", outcome.stdout)
  end)

  it("finds replies that are mixed up", function()
    local outcome = run("mcp_reply_mixup")
    assert.equal(1, outcome.status, outcome.stdout .. outcome.stderr)
    local verdicts = {}
    for _, check in ipairs(outcome.report.scenarios[1].checks) do
      verdicts[check.name] = check.verdict
    end
    assert.equal("pass", verdicts["all projects ask at the same time"])
    assert.equal("pass", verdicts["all get their answer"])
    assert.equal("fail", verdicts["every answer is the asker's own"])
    assert.equal("fail", verdicts["no marker reaches another project"])
    assert.matches("[%w-]+ asked for its %w+ and was sent: ", outcome.stdout)
  end)

  for _, fault in ipairs { "cache_wrong_content", "artifact_shared_path", "artifact_torn_write", "queue_shared" } do
    it("is not misled by " .. fault, function()
      local outcome = run(fault)
      assert.equal(0, outcome.status, outcome.stdout .. outcome.stderr)
    end)
  end

  it("has a session for each project, whose users see their own answers", function()
    local shared = command.file(command.folder(), "shared.lua", [[
local scale = require "scalerun"
local load = { executor = "per-project-iterations", iterations = 4, users = 2 }
local function iteration(project)
  local mine
  project:on_answer(function(_, answer)
    mine = answer.body:match("US%-%d+")
  end)
  local id = ("US-%d%03d"):format(project.user, project.iteration)
  project.mcp:call_tool("resolve_artifact_path", { artifact_id = id })
  project:record("shown", mine == id)
end
return scale.scenario {
  id = "shared",
  phases = {
    { name = "first", load = load, iteration = iteration },
    { name = "second", load = load, iteration = iteration },
  },
  verify = function(run, seen)
    run:expect("shown"):values(seen.shown):all_equal(true)
    run:expect("all"):count(#seen.shown):equals(8 * #run.projects)
    run:expect("sessions"):count(seen.ops["mcp initialize"].ok):equals(#run.projects)
  end,
}
]])
    box:configure { fault = false }
    local outcome = command.run { "--projects", "3", "--target", box.url, "--keys", box.keys_file, shared }
    assert.equal(0, outcome.status, outcome.stdout .. outcome.stderr)
  end)

  it("shows nothing with one project", function()
    box:configure { fault = false }
    local outcome = command.run { "--projects", "1", "--target", box.url, "--keys", box.keys_file, script }
    assert.equal(2, outcome.status, outcome.stdout .. outcome.stderr)
    assert.matches("at least two projects", outcome.stdout)
  end)
end)
