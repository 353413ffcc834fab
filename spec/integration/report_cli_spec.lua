-- scalerun run --format, report and compare, as users type them.
local command = require "spec.support.command"
local fs = require "scalerun.fs"
local report = require "scalerun.report.json"
local sample = require "spec.support.sample_result"

local function plain(text)
  return text
end

-- A folder as a run leaves it, without its operations.
local function run_folder(change)
  local result = sample.result()
  if change then
    change(result)
  end
  local folder = command.folder()
  fs.write(folder .. "/report.json", report.encode(result, plain))
  return folder
end

local function scalerun(...)
  return command.run({ ... }, { reports = false })
end

describe("scalerun report", function()
  it("makes the page again, in the run's folder", function()
    local folder = run_folder()
    local outcome = scalerun("report", folder .. "/")
    assert.equal(0, outcome.status, outcome.stderr)
    assert.equal(folder .. "/report.html\n", outcome.stdout)
    assert.matches("^<!doctype html>", fs.read(folder .. "/report.html"))
  end)

  it("makes other forms elsewhere", function()
    local folder, elsewhere = run_folder(), command.folder() .. "/new/folder"
    local outcome = scalerun("report", "--format", "junit,markdown,prometheus,github,json", "--output", elsewhere,
      folder .. "/report.json")
    assert.equal(0, outcome.status, outcome.stderr)
    local names = fs.list(elsewhere)
    table.sort(names)
    assert.same({ "annotations.txt", "junit.xml", "metrics.prom", "report.json", "report.md" }, names)
    assert.equal(fs.read(folder .. "/report.json"), fs.read(elsewhere .. "/report.json"))
  end)

  it("prints one form", function()
    local outcome = scalerun("report", "--format", "markdown", "--output", "-", run_folder())
    assert.equal(0, outcome.status)
    assert.matches("^## ❌ scalerun: fail: S2\n", outcome.stdout)
  end)

  it("says what it cannot do", function()
    local folder = run_folder()
    fs.write(folder .. "/other.json", '{"schema":"scalerun.report/7"}')
    fs.write(folder .. "/broken.json", '{"schema":')
    for _, case in ipairs {
      { 64, "there is no format 'pdf'", "--format", "pdf", folder },
      { 64, "%-%-output: %- takes one format", "--format", "html,junit", "--output", "-", folder },
      { 64, "none/report.json: No such file", folder .. "/none/report.json" },
      { 64, "other.json: its schema is scalerun.report/7, this program reads scalerun.report/1",
        folder .. "/other.json" },
      { 64, "broken.json: ", folder .. "/broken.json" },
      { 3, "the operations are not there: ", "--format", "csv", folder },
    } do
      local outcome = scalerun("report", table.unpack(case, 3))
      assert.equal(case[1], outcome.status, outcome.stderr)
      assert.matches(case[2], outcome.last_line)
    end
  end)
end)

describe("scalerun compare", function()
  -- The same, with everything slower.
  local function slower(factor)
    return function(result)
      local metrics = require "scalerun.core.metrics"
      local seen = require "scalerun.run.seen"
      local measured = metrics.merge {}
      for index = 1, 800 do
        measured:record("op", factor * (0.09 + 0.02 * (index % 97) / 97))
      end
      result.scenarios = { result.scenarios[1] }
      result.scenarios[1].projects = { { id = "alpha", iterations = 800, failed = 0, metrics = measured,
        ops = seen.ops(measured) } }
    end
  end

  it("shows the same numbers side by side, with the difference and its interval", function()
    local outcome = scalerun("compare", run_folder(slower(1)), run_folder(slower(1.2)))
    assert.equal(0, outcome.status, outcome.stderr)
    assert.matches(" S1 +op +mean +99%.7 ms +120 ms +%+20%.0 %%  %+%d+%.%d…%+%d+%.%d %%\n", outcome.stdout)
    assert.equal("scalerun: 4 values compared", outcome.last_line)
  end)

  it("ends with 1 past the limit", function()
    local outcome = scalerun("compare", "--limit", "10%", run_folder(slower(1)), run_folder(slower(1.2)))
    assert.equal(1, outcome.status)
    assert.equal("scalerun: fail: 4 of 4 values are past 10 % with their whole interval", outcome.last_line)
    outcome = scalerun("compare", "--limit=30", run_folder(slower(1)), run_folder(slower(1.2)))
    assert.equal(0, outcome.status)
    assert.equal("scalerun: pass: none of 4 values is past 30 %", outcome.last_line)
  end)

  it("refuses what cannot be compared, and says why", function()
    local outcome = scalerun("compare", run_folder(), run_folder(function(result)
      result.projects = { "alpha" }
    end))
    assert.equal(2, outcome.status)
    assert.equal("scalerun: not comparable: one run has 5 projects, the other 1", outcome.last_line)
    assert.equal(64, scalerun("compare", run_folder(), "/nowhere").status)
    assert.equal(64, scalerun("compare", "--limit", "much", run_folder(), run_folder()).status)
  end)
end)

describe("scalerun run", function()
  local SCENARIO = [[
    local scale = require "scalerun"
    return scale.scenario {
      id = "R1", title = "Reports", load = { executor = "per-project-iterations", iterations = 2 },
      iteration = function(project)
        project:op { kind = "id", f = "add", key = 'a "quoted", one', output = project.id, started = scale.time.now(),
          ended = scale.time.now() }
      end,
      verify = function(run) run:expect("two"):count(2):equals(3) end,
    }]]

  it("writes the page, and the forms that are asked for; annotations where GitHub reads", function()
    local folder = command.folder()
    local script = command.file(folder, "r.lua", SCENARIO)
    local words = { "--projects", "alpha,beta", "--format", "junit,csv,markdown,prometheus,github", script }
    local outcome = command.run(words, { reports = folder .. "/reports", env = { GITHUB_ACTIONS = "true",
      GITHUB_WORKSPACE = folder } })
    assert.equal(1, outcome.status, outcome.stderr)
    local run = folder .. "/reports/" .. outcome.report.run.id
    assert.matches(run .. "/report.html\n", outcome.stdout, 1, true)
    for _, name in ipairs { "report.html", "junit.xml", "operations.csv", "report.md", "metrics.prom" } do
      assert.is_true(fs.exists(run .. "/" .. name), name)
    end
    assert.matches("::error file=r.lua,title=R1%%3A two::observed 2, expected", outcome.stdout)
    local operations = fs.read(run .. "/operations.csv")
    assert.matches("^scenario,phase,arm,project,user,iteration,kind,f,key,error,", operations)
    assert.equal(5, select(2, operations:gsub("\r\n", "")))
    assert.matches('R1,load,,alpha,1,1,id,add,"a ""quoted"", one",', operations, 1, true)
  end)
end)
