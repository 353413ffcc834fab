--- What of one scenario's run is written down, and how it becomes a run again whose verify can be called.
local needs = require "scalerun.needs"
local replay = require "scalerun.stored.replay"

local scenario = {}

-- The row without what judging it makes.
local function bare(row)
  local fields = {}
  for name, value in pairs(row) do
    fields[name] = value
  end
  fields.projects, fields.steps, fields.summary, fields.timeline = nil, nil, nil, nil
  fields.checks, fields.errors, fields.verdict = nil, nil, nil
  return fields
end

--- Remembers what a runner has found so far. Called when all phases are over, and again once they have been judged.
---@param runner table
function scenario.mark(runner)
  local marks = runner.marks or {}
  runner.marks = marks
  marks[#marks + 1] = { checks = #runner.judge.checks, errors = #runner.row.errors, row = bare(runner.row) }
end

local function found(runner, from, to)
  local checks = table.move(runner.judge.checks, from.checks + 1, to.checks, 1, {})
  return { checks = checks, errors = table.move(runner.row.errors, from.errors + 1, to.errors, 1, {}) }
end

--- What a runner that has come to its end is judged by.
---@param runner table
---@return scalerun.StoredScenario
function scenario.of(runner)
  local first, second = table.unpack(runner.marks or {})
  local none = { checks = 0, errors = 0 }
  local all = { checks = #runner.judge.checks, errors = #runner.row.errors }
  local has, remedies = {}, {}
  for _, need in ipairs(needs.names) do
    has[need] = runner.env.deployment:has(need) or nil
    remedies[need] = not has[need] and runner.env.deployment:remedy(need) or nil
  end
  local row = first and first.row or bare(runner.row)
  row.duration = runner.row.duration
  return {
    id = runner.scenario.id,
    path = runner.path,
    row = row,
    data = runner.data,
    has = has,
    remedies = remedies,
    projects = runner.projects,
    before = found(runner, none, first or all),
    after = found(runner, second or all, all),
    complete = runner.complete,
    results = runner.results,
    tape = runner.tape.entries,
  }
end

--- Brings a runner to where the stored one was when its phases were over.
---@param runner table
---@param stored scalerun.StoredScenario
function scenario.restore(runner, stored)
  for name, value in pairs(stored.row) do
    runner.row[name] = value
  end
  runner.results, runner.data = stored.results, stored.data
  scenario.add(runner, stored.before)
end

--- Adds what was found otherwise than by judging.
---@param runner table
---@param more { checks: table[], errors: table[] }
function scenario.add(runner, more)
  for _, check in ipairs(more.checks) do
    table.insert(runner.judge.checks, check)
  end
  for _, err in ipairs(more.errors) do
    table.insert(runner.row.errors, err)
  end
end

--- The deployment of a stored scenario: answers from its tape.
---@param stored scalerun.StoredScenario
---@return table deployment
---@return scalerun.Replay tape
function scenario.deployment(stored)
  local played = replay.new(stored.tape)
  local root = played:root()
  -- Known without having been asked: a changed script may want to know.
  rawset(root, "has", function(_, what)
    return stored.has[what] == true
  end)
  rawset(root, "remedy", function(_, what)
    return stored.remedies[what]
  end)
  return root, played
end

return scenario
