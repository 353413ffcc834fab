#!/usr/bin/env scalerun
-- S9: what a request costs the database does not grow with what it answers. A list of 100 tasks takes as many
-- statements as a list of one, and so do additions and reservations (no N + 1): PostgreSQL's own statistics say what
-- was executed. The hot queries find their rows by the index on project and status, by the planner's word, and what
-- was executed touched few blocks.
local scale = require "scalerun"
local ids = require "scalerun.target.ids"
local tasks = require "scalerun.target.tasks"

local SIZES = scale.const { 1, 10, 100 } -- rows of one request
local EACH = 3 -- requests of each project and size
local NEXT = 10 -- of each project, for the next task
local GROWTH = 0.5 -- statements a request that are still no growth,
local STRAY = 10 -- nor are so many in all: the target's own housekeeping
local BLOCKS = 20 -- of 8 KB that finding one task may touch; by the index it is about 4
local LARGE = 1000 -- tasks in the table, below which the planner rightly reads it from end to end
local ALL = 5000 -- statements that pg_stat_statements keeps unless told otherwise

local function new_tasks(project, size)
  local list = {}
  for number = 1, size do
    list[number] = {
      task_id = ("S9-%s-%s-%d-%d-%d"):format(project.data.token, project.id, size, project.iteration, number),
      description = "Query economy probe",
    }
  end
  return list
end

-- What grows: its name in checks, the operation by which it is counted, and one request that has `size` rows.
local additions = { what = "an addition of tasks", series = "tasks.add", request = function(project, size)
  return tasks.add(project, new_tasks(project, size))
end }
local lists = { what = "a list of tasks", series = "tasks.list", request = function(project, size)
  return (tasks.list(project, { limit = size }))
end }
local pending = { what = "a list of pending tasks", series = "tasks.list", request = function(project, size)
  return (tasks.list(project, { status = "pending", limit = size }))
end }
local reservations = { what = "a reservation of ids", series = "ids.reserve", request = function(project, size)
  return ids.reserve(project, "SPIKE", size).ids
end }

local function phase_name(kind, size)
  return ("%s-%d"):format(kind, size)
end

-- What PostgreSQL has executed so far, by the statement's text; nil and why where it does not keep count.
local function executed(run)
  local ok, rows = pcall(run.database.statements, run.database, { limit = ALL })
  if not ok then
    return nil, rows.message or tostring(rows)
  end
  local by_text = {}
  for _, row in ipairs(rows) do
    if not row.query:find("pg_stat_statements", 1, true) and not row.query:find("pg_extension", 1, true) then -- our own
      local sum = by_text[row.query] or { calls = 0, blocks = 0 }
      by_text[row.query] = { calls = sum.calls + row.calls, blocks = sum.blocks + row.blocks_hit + row.blocks_read }
    end
  end
  return by_text
end

-- How much was executed between two looks for each of the requests; nil when there were none.
local function cost_of(before, after, requests)
  if requests == 0 then
    return nil
  end
  local cost = { statements = 0, blocks = 0, by_text = {}, requests = requests }
  for text, now in pairs(after) do
    local calls = (now.calls - (before[text] and before[text].calls or 0)) / requests
    cost.by_text[text] = calls > 0 and calls or nil
    cost.statements = cost.statements + calls
    cost.blocks = cost.blocks + (now.blocks - (before[text] and before[text].blocks or 0)) / requests
  end
  return cost
end

-- Looks before each phase, and keeps the look under its name.
local function phase(name, iterations, iteration)
  return {
    name = name,
    load = { executor = "per-project-iterations", iterations = iterations, start = "together" },
    setup = function(run, data)
      local look, problem = executed(run)
      data.looks[#data.looks + 1] = { name = name, executed = look or {} }
      data.problem = data.problem or problem
      return data
    end,
    iteration = iteration,
  }
end

local function grown(costs)
  local list = {}
  for text, calls in pairs(costs[#costs].by_text) do
    local first = costs[1].by_text[text] or 0
    if calls - first > GROWTH then
      list[#list + 1] = {
        text = ("%.4g times for %d rows, %.4g for %d: %s"):format(calls, SIZES[#SIZES], first, SIZES[1],
          text:gsub("%s+", " ")),
        statement = text,
        calls = calls,
      }
    end
  end
  table.sort(list, function(a, b)
    return a.calls > b.calls
  end)
  return list
end

-- Whether statements stay as many, for run:expect(…):evidence().
local function judge_growth(costs)
  if #costs < #SIZES then
    return nil -- not all sizes were answered
  end
  local shown = {}
  for index, cost in ipairs(costs) do
    shown[index] = ("%.4g for %d"):format(cost.statements, SIZES[index])
  end
  local found = {
    observed = table.concat(shown, ", ") .. " statements a request",
    expected = "as many statements for each number of rows",
    evidence = grown(costs),
  }
  if costs[1].statements < 1 then
    found.verdict = "inconclusive" -- requests that need no statement would not be the ones that we mean
  else
    local still_none = math.max(GROWTH, STRAY / costs[1].requests)
    found.verdict = costs[#costs].statements - costs[1].statements > still_none and "fail" or "pass"
  end
  return found
end

-- The indexes on tasks that begin with the project and the status.
local INDEXES = [[
SELECT i.relname AS name FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = 'tasks'::regclass AND x.indisvalid
  AND (SELECT array_agg(a.attname::text ORDER BY k.place)
    FROM unnest(x.indkey[0:1]) WITH ORDINALITY AS k(number, place)
    JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number) = ARRAY['project_id', 'status'] ]]

-- How a project's tasks of the rarest status would be read: where nearly all tasks are of one, any index will do.
local RAREST = [[
SELECT s.status, count(t.task_id) AS tasks FROM unnest(ARRAY['pending', 'in_progress', 'completed']) AS s(status)
LEFT JOIN tasks t ON t.status = s.status AND t.project_id = $1 GROUP BY s.status ORDER BY tasks, s.status LIMIT 1]]
local HOT = "SELECT * FROM tasks WHERE project_id = $1 AND status = $2 ORDER BY created_at, task_id LIMIT "

local function judge_plan(run, limit, size)
  local project = run.projects[1]
  local status = run.database:query(RAREST, project)[1].status
  local plan = run.database:explain(HOT .. limit, project, status)
  local used
  for _, index in ipairs(run.database:query(INDEXES)) do
    used = used or plan:uses(index.name) and index.name
  end
  local way = #plan.indexes > 0 and "by " .. table.concat(plan.indexes, ", ") or "from end to end"
  local small = not used and size < LARGE
  return {
    verdict = used and "pass" or small and "inconclusive" or "fail",
    observed = small and ("%s; with %d tasks that may be right"):format(way, size) or way,
    expected = "by an index on project_id, status",
    evidence = not used and { { text = ("PostgreSQL reads %s tasks of %s %s: %s%d"):format(status, project, way, HOT,
      limit), status = status } } or nil,
  }
end

local kinds = { ["add"] = additions, ["list"] = lists, ["pending"] = pending, ["reserve"] = reservations }
local order = { "add", "list", "pending", "reserve" }

local phases = {}
for _, kind in ipairs(order) do
  local request = kinds[kind].request
  for _, size in ipairs(SIZES) do
    phases[#phases + 1] = phase(phase_name(kind, size), EACH, function(project)
      project:record("rows of " .. kind, #request(project, size) == size)
    end)
  end
end
phases[#phases + 1] = phase("next", NEXT, function(project)
  tasks.next(project)
end)

return scale.scenario {
  id = "S9",
  title = "Query economy",
  covers = { "NFR-Scalability-02" },
  catches = { "n_plus_one", "missing_index" },
  needs = { "target", "database" },
  sandbox = { reserve_rate = 0 },
  witness = false, -- looking at the database would be counted, too

  setup = function(run)
    run.database:query("ANALYZE tasks")
    return { token = scale.random.token(4), looks = {} }
  end,

  phases = phases,

  verify = function(run, seen, data)
    local last, problem = executed(run)
    local costs, looks = {}, data.looks
    problem = problem or data.problem
    for index, look in ipairs(not problem and looks or {}) do
      local series = kinds[look.name:match("^%a+")] or { series = "tasks.next" }
      local after = looks[index + 1] and looks[index + 1].executed or last
      costs[look.name] = cost_of(look.executed, after, seen.phases[look.name].ops[series.series].ok or 0)
    end

    local statements = {}
    for _, kind in ipairs(order) do
      local name = ("%s takes as many statements for 100 rows as for 1"):format(kinds[kind].what)
      local of_sizes = {}
      for index, size in ipairs(SIZES) do
        of_sizes[index] = costs[phase_name(kind, size)]
      end
      run:expect(("%s has the rows that it asks for"):format(kinds[kind].what))
        :values(seen["rows of " .. kind]):all_equal(true)
      run:expect(name):evidence(problem and { verdict = "inconclusive", observed = problem } or judge_growth(of_sizes))
      statements[#statements + 1] = ("%s %.3g"):format(kind, of_sizes[#SIZES] and of_sizes[#SIZES].statements or 0 / 0)
    end

    local size = run.database:query("SELECT count(*) AS tasks FROM tasks")[1].tasks
    run:expect("the next task is found by the index"):evidence(judge_plan(run, 1, size))
    run:expect("a list by status is found by the index"):evidence(judge_plan(run, 101, size))
    run:expect("finding the next task touches few blocks"):value(costs.next and costs.next.blocks):at_most(BLOCKS)

    run:summarize("statements for 100 rows: %s; %.3g blocks for the next task", table.concat(statements, ", "),
      costs.next and costs.next.blocks or 0 / 0)
  end,

  teardown = function(run, data)
    if data then
      run.database:query("DELETE FROM tasks WHERE task_id LIKE $1", ("S9-%s-%%"):format(data.token))
    end
  end,
}
