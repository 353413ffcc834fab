--- The tasks that a sandbox begins with: the same for the same seed.
local null = require("scalerun.core.data").null
local splitmix = require "scalerun.splitmix"

local dataset = {}

--- The columns of what rows() makes.
dataset.COLUMNS = {
  "task_id", "project_id", "description", "generator_name", "status", "inputs", "expected_outputs", "context_notes",
  "created_at", "updated_at", "completed_at", "completion_notes",
}

local verbs = {
  "Implement", "Review", "Document", "Refactor", "Test", "Design", "Deploy", "Measure", "Migrate", "Secure",
}
local subjects = {
  "the login form", "rate limiting", "the audit trail", "search by tag", "the export to CSV", "password recovery",
  "the billing report", "image uploads", "the notification service", "full-text search", "the admin console",
  "session handling", "the import of legacy data", "caching of templates", "the health endpoint",
}
local generators = {
  "product-vision", "initiative", "epic", "prd", "hls", "backlog-story", "spike", "adr", "tech-spec",
  "implementation-task",
}

-- Not math.random, whose sequence belongs to the scripts.
local function generator(seed)
  local next_number = splitmix.new(seed)
  return function(n)
    return (next_number() >> 1) % n + 1
  end
end

local BEGIN = 1767225600 -- 2026-01-01

local function instant(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", BEGIN + seconds)
end

local function row(pick, project, number, place)
  local chance = pick(100)
  local status = chance <= 80 and "pending" or chance <= 90 and "in_progress" or "completed"
  local made = instant(place * 60)
  local changed = status == "pending" and made or instant(place * 60 + pick(3000))
  local source = ("%s-%03d"):format(pick(2) == 1 and "US" or "PRD", pick(200))
  return {
    ("TASK-%03d"):format(number),
    project,
    ("%s %s (%s, task %d)"):format(verbs[pick(#verbs)], subjects[pick(#subjects)], project, place),
    generators[pick(#generators)],
    status,
    ('["%s"]'):format(source),
    ('["SPEC-%03d", "TASK-%03d"]'):format(pick(200), pick(200)),
    pick(3) == 1 and ("for %s, see %s"):format(project, source) or null,
    made,
    changed,
    status == "completed" and changed or null,
    status == "completed" and "done" or null,
  }
end

--- The rows, one with each call. Ids are numbered through over all projects, so that an id names its project.
---@param projects string[]
---@param tasks integer of each project
---@param seed integer
---@return fun(): table?
function dataset.rows(projects, tasks, seed)
  local index, place, pick = 0, tasks, nil -- a project's tasks depend on its name, not on what others there are
  return function()
    if place == tasks then
      index, place = index + 1, 0
      pick = projects[index] and generator(splitmix.seed(seed, projects[index]))
    end
    if not pick or tasks == 0 then
      return nil
    end
    place = place + 1
    return row(pick, projects[index], (index - 1) * tasks + place, place)
  end
end

--- Loads the tasks, and tells the id registry that their numbers are taken.
---@param connection table
---@param projects string[]
---@param tasks integer
---@param seed integer
function dataset.load(connection, projects, tasks, seed)
  connection:copy("tasks", dataset.COLUMNS, dataset.rows(projects, tasks, seed))
  connection:query(
    "INSERT INTO id_registry (artifact_type, scope, last_assigned_id) SELECT 'TASK', scope, $1 "
      .. "FROM (SELECT 'global' AS scope UNION ALL SELECT project_id FROM projects) AS scopes ON CONFLICT DO NOTHING",
    #projects * tasks)
end

return dataset
