--- Whose data lies where in Redis: every key belongs to the project that stands in its name, and may hold that
--- project's data alone; a key that names none may not hold several projects' data.
local json = require "scalerun.json"
local names = require "scalerun.names"

---@class scale.target.keyspace
local keyspace = {}

local MOST = 100000 -- keys; more are not looked at

-- How all that a key of each type holds is read. Streams and others are not.
local reading = {
  string = { "GET" },
  list = { "LRANGE", 0, -1 },
  set = { "SMEMBERS" },
  zset = { "ZRANGE", 0, -1 },
  hash = { "HGETALL" },
}

local function content(cache, key)
  local kind = cache:call("TYPE", key)
  local how = reading[tostring(kind)]
  if not how then
    return {}
  end
  local ok, reply = pcall(cache.call, cache, how[1], key, table.unpack(how, 2))
  if not ok or reply == nil then
    return {} -- it has gone, or has become another one
  end
  return type(reply) == "table" and reply or { reply }
end

--- The project whose name is a part of the key: "queue:alpha" is alpha's.
---@param key string
---@param projects table<string, boolean>
---@return string?
function keyspace.owner(key, projects)
  for part in key:gmatch("[a-z0-9-]+") do
    if projects[part] then
      return part
    end
  end
end

-- Adds the projects whose marker is in the text.
local function by_marker(text, markers, holds)
  for project, marker in pairs(markers) do
    if text:find(marker, 1, true) then
      holds[project] = holds[project] or text:sub(1, 100)
    end
  end
end

-- Adds the projects that alone have a task of the id, as the database says.
local function by_task(database, members, holds)
  local rows = database:query([[
SELECT task_id, min(project_id) AS project FROM tasks
WHERE task_id IN (SELECT jsonb_array_elements_text($1::jsonb)) GROUP BY task_id HAVING count(*) = 1]],
    json.encode(json.array(members)))
  for _, row in ipairs(rows) do
    holds[row.project] = holds[row.project] or row.task_id
  end
end

-- Project → an example of its data in the key.
local function held(given, values)
  local holds, members = {}, {}
  for _, value in ipairs(values) do
    by_marker(value, given.markers, holds)
    if #value <= 100 then
      members[#members + 1] = value
    end
  end
  if given.database and #members > 0 then
    by_task(given.database, members, holds)
  end
  return holds
end

-- What is wrong with a key that holds these projects' data.
local function wrong(key, owner, holds)
  local projects, list = names.sorted(holds), {}
  for _, name in ipairs(projects) do
    if owner and name ~= owner then
      list[#list + 1] = { text = ("%s, a key of %s, holds %s of %s"):format(key, owner, holds[name], name), key = key,
        owner = owner, project = name }
    end
  end
  if not owner and #projects > 1 then
    list[1] = { text = ("%s holds data of several projects: %s of %s, %s of %s"):format(key, holds[projects[1]],
      projects[1], holds[projects[2]], projects[2]), key = key }
  end
  return list
end

---@class scalerun.KeyspaceGiven
---@field cache scale.RunCache
---@field database scale.RunDatabase? tells whose the task ids in the keys are; markers are found without it
---@field projects string[]
---@field markers table<string, string> project → marker, as of scale.taint
---@field pattern string? of the keys to look at; all

--- Looks through Redis, for run:expect(name):evidence(…). Passes when each project's data was found, and only in keys
--- of its own or, where they name no project, alone in its key.
---@param given scalerun.KeyspaceGiven
---@return scalerun.Found
---@return integer keys
function keyspace.look(given)
  local expected = "each project's data in keys of its own"
  local ok, keys = pcall(given.cache.keys, given.cache, given.pattern, { most = MOST })
  if not ok then
    return { verdict = "inconclusive", observed = keys.message or tostring(keys), expected = expected }, 0
  end
  local projects, seen, evidence = {}, {}, {}
  for _, project in ipairs(given.projects) do
    projects[project] = true
  end
  for _, key in ipairs(keys) do
    local owner = keyspace.owner(key, projects)
    local holds = held(given, content(given.cache, key))
    for name in pairs(holds) do
      seen[name] = projects[name]
    end
    for _, one in ipairs(wrong(key, owner, holds)) do
      evidence[#evidence + 1] = one
    end
  end
  local found = #names.sorted(seen)
  return {
    verdict = #evidence > 0 and "fail" or found == #given.projects and "pass" or "inconclusive",
    observed = ("%d wrong in %d keys, which hold data of %d of %d projects"):format(#evidence, #keys, found,
      #given.projects),
    expected = expected,
    evidence = evidence,
  }, #keys
end

return keyspace
