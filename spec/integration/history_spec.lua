-- What the target's clients write into the history, as a scenario's verify finds it after a run on a real sandbox.
local command = require "spec.support.command"

local SCRIPT = [[
local scale = require "scalerun"
local framework = require "scalerun.target.framework"
local ids = require "scalerun.target.ids"
local tasks = require "scalerun.target.tasks"
local json = require "scalerun.json"

return scale.scenario {
  id = "H1",
  title = "History",
  needs = { "target", "database" },
  sandbox = { reserve_rate = 0 },
  load = { executor = "per-project-iterations", iterations = 4, users = 2 },
  iteration = function(project)
    ids.reserve(project, "US", 3)
    ids.next(project, "US")
    framework.reserve(project, "EPIC", 2)
    local id = ("H1-%s-%d"):format(project.id, project.iteration)
    tasks.add(project, { { task_id = id, description = "d", generator_name = "epic" } })
    tasks.set_status(project, id, "in_progress")
    tasks.set_status(project, id, "in_progress", { expected = 400 }) -- refused, as it must be
    tasks.set_status(project, "H1-nobody", "in_progress", { as = project.projects[1], expected = 404 })
    tasks.list(project, { status = "in_progress", limit = 1000 })
    local epic = ("EPIC-%d%02d"):format(project.index, project.iteration)
    framework.store(project, epic, "# " .. epic)
    framework.artifact(project, epic)
    project.mcp:ping()
    local ok = pcall(framework.artifact, project, "EPIC-999")
    assert(not ok)
    project:op { kind = "mine", f = "check", key = project.key, output = project.key }
    project:record("epic", epic)
  end,
  verify = function(run, seen)
    local history = seen.history
    run:expect("ids"):evidence(history:unique_ids { kind = "id", key = "US" })
    run:expect("no gap"):evidence(history:sequence { key = "US", first = "US-001", last = "US-032" })
    run:expect("order"):evidence(history:real_time_order())
    run:expect("artifacts"):evidence(history:read_your_writes { kind = "artifact" })
    local rows = run.database:query("SELECT task_id AS key, project_id AS project, status AS value FROM tasks")
    run:expect("tasks"):evidence(history:lost_writes { kind = "task", found = rows })
    local lines = {}
    for op in history:ops { project = "alpha" } do
      if op.user == 1 then
        lines[#lines + 1] = ("%s %s %s %s > %s%s"):format(op.f, op.kind, op.key or "-", json.encode(op.input or "-"),
          json.encode(op.output == nil and "-" or op.output), op.error and " " .. op.error or "")
      end
      assert(op.started <= op.ended and op.scheduled <= op.started and op.attempt == 1)
      assert(op.replica or op.kind == "mine", op.kind .. " names no replica")
    end
    run:log("%s", table.concat(lines, "\n"))
    local timeline = history:timeline { interval = 60 }
    run:expect("timeline"):count(timeline.projects.alpha.count[1]):equals(52)
    history:export_elle(run.settings.elle, "register", { kind = "artifact" })
  end,
}
]]

describe("the history of a run", function()
  it("has what the clients did", function()
    local folder = command.folder()
    local script = command.file(folder, "h1.lua", SCRIPT)
    local outcome = command.run { "--projects", "ai-agent,alpha", "--set", "elle=" .. folder .. "/elle.json", script }
    assert.equal(0, outcome.status, outcome.stdout .. outcome.stderr)
    for _, line in ipairs {
      "allocate id US 3 > %[\"US%-%d+\",\"US%-%d+\",\"US%-%d+\"%]",
      "allocate id US \"GET /ids/next%?project=alpha&type=US\" > \"US%-%d+\"",
      "allocate id EPIC 2 > %[\"EPIC%-%d+\",\"EPIC%-%d+\"%]",
      "add task %- \"POST /tasks/batch\" > %[\"H1%-alpha%-%d\"%]",
      "write task H1%-alpha%-%d \"in_progress\" > \"%-\"\n",
      "check task H1%-alpha%-%d \"in_progress\" > 400\n",
      "check task H1%-nobody \"in_progress\" > 404\n",
      "read tasks %- \"GET /tasks[^\"]*\" > %[.*\"H1%-alpha",
      "write artifact EPIC%-2%d%d \"%x+\" > \"%-\"\n",
      "read artifact EPIC%-2%d%d \"mcp://resources/artifacts/EPIC%-2%d%d\" > \"%x+\"\n",
      "read artifact EPIC%-999 \"mcp[^\"]*\" > \"%-\" mcp",
      "check mcp ping",
      "check mine [*]+ \"%-\" > \"[*]+\"",
    } do
      assert.matches(line, outcome.stderr)
    end
    local events = require("scalerun.json").decode(require("scalerun.fs").read(folder .. "/elle.json"))
    assert.equal(48, #events)
  end)

  it("shows both requests that were given one id", function()
    local folder = command.folder()
    local script = command.file(folder, "h1.lua", SCRIPT)
    local outcome = command.run { "--projects", "2", "--fault", "duplicate_id", "--set",
      "elle=" .. folder .. "/elle.json", script }
    assert.equal(1, outcome.status, outcome.stdout .. outcome.stderr)
    assert.matches("US%-%d+ was given out twice: [%w-]+, phase .-, allocate id US on replica .-; and [%w-]+, phase",
      outcome.stdout)
  end)
end)
