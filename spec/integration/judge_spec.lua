-- A stored run is judged again: without a target, with the same verdict; what was tampered with is found.
local command = require "spec.support.command"
local core = require "scalerun.core.history"
local fs = require "scalerun.fs"
local json = require "scalerun.json"

-- The folder of the one run in the reports' folder.
local function run_folder(reports)
  return reports .. "/" .. fs.list(reports)[1]
end

local function judge(...)
  return command.run({ "judge", "--no-color", ... }, { reports = false })
end

-- Rewrites a file of lines; change(line) returns the new one.
local function tamper(path, change)
  local file, lines = assert(core.open(path)), {}
  for line in function() return file:line() end do
    lines[#lines + 1] = change(line) or line
  end
  file:close()
  fs.remove(path)
  file = assert(core.append(path))
  assert(file:write(table.concat(lines, "\n") .. "\n"))
  assert(file:finish())
end

-- The table alone: what a run and its judgement must have in common.
local function table_of(stdout)
  return stdout:gsub(" · [^·\n]*/report%.html", "")
end

-- Records values, and asks a witness about them.
local RECORDS = [[
local scale = require "scalerun"
return scale.scenario {
  id = "J1",
  title = "Records",
  needs = { "database" },
  load = { executor = "constant-arrival-rate", rate = 20, duration = "100ms" },
  iteration = function(project)
    project:record("id", ("J-%s-%d"):format(project.id, project.iteration))
    project:record("secret", { of = project.id, key = project.key })
  end,
  verify = function(run, seen)
    run:expect("ids differ"):values(seen.id):unique()
    local rows = run.database:query("SELECT $1::text AS ids", table.concat(seen.id, ","))
    run:expect("the database was asked"):count(#rows):equals(1)
    run:expect("iterations are quick"):metric(seen.ops.iteration, "p995", { from = "schedule" }):below("1h")
  end,
}
]]

describe("scalerun judge", function()
  local reports = command.folder() .. "/reports"
  local run, folder

  lazy_setup(function()
    run = command.run({ "-v", "scripts/scenarios/s1_id_reservation.lua", "scripts/scenarios/s2_project_isolation.lua",
      command.file(command.folder(), "records.lua", RECORDS) }, { reports = reports })
    assert.equal(0, run.status, run.stdout .. run.stderr)
    folder = run_folder(reports)
  end)

  -- A copy that a test may change.
  local function copy_of()
    local copy = command.folder() .. "/run"
    assert(os.execute(("cp -r '%s' '%s'"):format(folder, copy)))
    return copy
  end

  it("prints the table of the run and exits as it did", function()
    local again = judge("-v", folder)
    assert.equal(table_of(run.stdout), table_of(again.stdout))
    assert.equal(run.status, again.status, again.stderr)
    assert.equal(run.last_line, again.last_line)
  end)

  it("keeps no project's key, whatever scripts record", function()
    local file, struck = assert(core.open(folder .. "/judge.jsonl.zst")), 0
    for line in function() return file:line() end do
      for key in line:gmatch('"key":"([^"]*)","of"') do
        assert.equal("***", key)
        struck = struck + 1
      end
    end
    assert.equal(10, struck)
  end)

  it("finds an id that was given out twice, in the operations", function()
    local copy, done = copy_of(), false
    tamper(copy .. "/history.jsonl.zst", function(line)
      if not done and line:find('"US-100"', 1, true) then
        done = true
        return (line:gsub('"US%-100"', '"US-101"'))
      end
    end)
    local again = judge(copy)
    assert.equal(1, again.status, again.stdout)
    assert.matches("US%-101 was given out twice: ", again.stdout)
    assert.equal("scalerun: fail: S1", again.last_line)
  end)

  it("finds a value that was recorded twice, and has no answer of the database to it", function()
    local copy = copy_of()
    tamper(copy .. "/judge.jsonl.zst", function(line)
      return line:find('^{"index"') and line:gsub('"J%-alpha%-1"', '"J-alpha-2"') or nil
    end)
    local again = judge(copy)
    assert.equal(1, again.status, again.stdout)
    assert.matches("fail  ids differ: .*J%-alpha%-2 2 times: alpha", again.stdout)
    assert.matches("inconclusive  verify succeeds: observed run:database%(%):query: the stored run has no answer",
      again.stdout)
    assert.equal("scalerun: fail: J1", again.last_line)
  end)

  it("judges by another script where one is given", function()
    local text = fs.read("scripts/scenarios/s1_id_reservation.lua")
    local script = command.file(command.folder(), "stricter.lua",
      (text:gsub('"all single reservations succeed"%):count%b():equals%(requests%)',
        '"more succeed"):count(single.ops.ok):equals(requests + 1)')))
    local again = judge("--script", script, folder)
    assert.equal(1, again.status, again.stdout)
    assert.matches("fail  more succeed: observed 50, expected 51", again.stdout)

    script = command.file(command.folder(), "curious.lua", (RECORDS:gsub("local rows = .-\n.-\n", [[
      run:expect("it knows what there was"):value(run:has("database") and not run:has("balancer")):is_true()
    ]])))
    again = judge("-v", "--script", script, folder)
    assert.equal(0, again.status, again.stdout)
    assert.matches("pass  it knows what there was", again.stdout)
  end)

  it("says what is wrong with a folder", function()
    local nowhere = judge("/nonexistent")
    assert.equal(64, nowhere.status)
    assert.equal("scalerun: /nonexistent is no run's folder: it has no judge.jsonl.zst "
      .. "(scalerun --help shows what it takes)", nowhere.last_line)

    local copy = copy_of()
    fs.remove(copy .. "/history.jsonl.zst")
    assert.matches("the history is missing", judge(copy).last_line)
    assert.equal(3, judge(copy).status)

    copy = copy_of()
    local bytes = fs.read(copy .. "/judge.jsonl.zst")
    fs.write(copy .. "/judge.jsonl.zst", bytes:sub(1, #bytes // 2))
    local cut = judge(copy)
    assert.equal(3, cut.status)
    assert.matches("judge.jsonl.zst: '.*' is damaged: it ends too early", cut.last_line)

    copy = copy_of()
    tamper(copy .. "/judge.jsonl.zst", function(line)
      return line:find('^{"run"') and line:gsub("scalerun.judge/1", "scalerun.judge/9") or nil
    end)
    assert.matches("another version of scalerun has written it", judge(copy).last_line)
    tamper(copy .. "/judge.jsonl.zst", function(line)
      return line:sub(1, -2)
    end)
    assert.matches("line 1 is damaged", judge(copy).last_line)
  end)

  it("gives the status of runs that came to no good end", function()
    local place = command.folder()
    local script = command.file(place, "bad.lua", [[
      local scale = require "scalerun"
      return scale.scenario { id = "B1", title = "Bad",
        load = { executor = "per-project-iterations", iterations = 2 },
        setup = function() return { bytes = "\255\0", list = { 1, 2.0, 1e300 }, [3] = "x", empty = {} } end,
        iteration = function(project)
          if project.iteration == 2 then error("on purpose") end
          project:record("data", project.data)
        end,
        verify = function(run, seen, data)
          run:expect("data"):value(data.bytes == "\255\0" and data[3] == "x" and math.type(data.list[2]) == "float"
            and seen.data[1].bytes == "\255\0" and next(data.empty) == nil):is_true()
          run:expect("nothing"):values(seen.none):unique()
        end }]])
    local first = command.run({ "--projects", "2", script }, { reports = place .. "/reports" })
    assert.equal(3, first.status, first.stdout)
    local again = judge(run_folder(place .. "/reports"))
    assert.equal(3, again.status)
    assert.equal(first.last_line, again.last_line)
    assert.matches("on purpose", again.stdout)
    assert.is_nil(again.stdout:find("fail  data", 1, true))
  end)

  it("reads the records as JSON lines", function()
    local file = assert(core.open(folder .. "/history.jsonl.zst"))
    local op = json.decode(file:line())
    file:close()
    assert.same({ "S1", "one-by-one", "id", "allocate", "US", 1 },
      { op.scenario, op.phase, op.kind, op.f, op.key, op.input })
    assert.is_true(op.started_ns <= op.ended_ns and op.scheduled_ns <= op.started_ns)
  end)
end)
