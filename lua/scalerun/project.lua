--- What an iteration receives: one project, as one of its users sees it.
local core_history = require "scalerun.core.history"
local errors = require "scalerun.errors"
local fields = require "scalerun.fields"
local steps = require "scalerun.steps"

---@class scale.Project
---@field id string
---@field index integer from 1, the same in every run with the same projects
---@field key string its API key
---@field projects string[] the ids of all projects of the run
---@field data any what setup returned
---@field settings table<string, string> --set KEY=VALUE
---@field profile "quick"|"full" --profile: how long to go on
---@field user integer which of the project's concurrent users this is, from 1
---@field arm string? in a comparison: the name of the arm that this round belongs to
---@field iteration integer the number of the current iteration in this project, from 1
---@field http scale.http.Client of the target, with this project's key
---@field db scale.pg.Pool PostgreSQL, when the run has a database
---@field redis scale.Redis Redis, when the run has one
---@field mcp scale.mcp.Client client of the target's MCP server; one session for all users of the project
local Project = {}

local project = {}

-- A state belongs to one project, at the prompt to several: a project's users share its connections, which last as
-- long as the state. What is kept is the task that connects, so that users who come meanwhile wait for the same one.
local connecting = {}

local function missing(id, what, option)
  error(errors.new {
    kind = "missing",
    operation = "project." .. what,
    message = ("this run has none: give %s"):format(option),
    project = id,
  }, 0)
end

local connect = {
  http = function(me)
    local target = me.shared.target or missing(me.id, "http", "--target URL")
    return require("scalerun.http").client {
      base_url = target.url,
      headers = { authorization = "Bearer " .. me.key },
    }
  end,
  db = function(me)
    local dsn = me.shared.database or missing(me.id, "db", "--database DSN")
    return require("scalerun.pg").pool(dsn, { size = 2, share = 16 })
  end,
  mcp = function(me)
    if not me.shared.target then
      missing(me.id, "mcp", "--target URL")
    end
    return require("scalerun.mcp").connect { project = me }
  end,
  redis = function(me)
    return require("scalerun.redis").connect(me.shared.redis or missing(me.id, "redis", "--redis URL"))
  end,
}

-- What one user is given of a connection: its own observer is to see the answers.
local own = {
  mcp = function(client, me)
    return client:for_project(me)
  end,
}

-- place tells the connections to one replica from those to the target as a whole, "".
local function connection(me, key, place)
  local core = require "scalerun.core.task"
  local mine = connecting[me.id] or {}
  connecting[me.id] = mine
  local slot = key .. place
  mine[slot] = mine[slot] or core.spawn(connect[key], me)
  local task = mine[slot]
  local ok, value = task:join()
  if not ok then
    if mine[slot] == task then
      mine[slot] = nil -- the next one tries anew
    end
    error(value, 0)
  end
  value = own[key] and own[key](value, me) or value
  rawset(me, key, value)
  return value
end

local known = {
  "id", "index", "key", "projects", "data", "settings", "profile", "user", "iteration", "arm", "http", "db", "redis",
  "mcp", "record", "op", "on_answer", "step", "think", "at",
}

-- What may be absent without being a mistake.
local optional = { data = true, key = true, observer = true, user = true, iteration = true, walk = true, arm = true }

function Project.__index(me, key)
  if Project[key] then
    return Project[key]
  elseif connect[key] then
    return connection(me, key, "")
  elseif not optional[key] then
    fields.unknown("project", key, known, 2)
  end
end

-- Names that verify finds in `seen` with another meaning.
local taken = { ops = true, phases = true, projects = true, errors = true, iterations = true, steps = true,
  history = true, span = true, arms = true, compare = true, duration = true, lists = true }

--- Hands a value to verify, which finds it in seen[name]: the one door by which values leave a project.
---@param name string
---@param value boolean|number|string|table plain data; tables are copied
function Project:record(name, value)
  if type(name) ~= "string" or name == "" then
    error("project:record(name, value): the name must be a string", 2)
  elseif taken[name] then
    error(("project:record: '%s' is a name of verify's own; choose another"):format(name), 2)
  elseif value == nil then
    error(("project:record(%q, nil): there is no value"):format(name), 2)
  end
  local kind = type(value)
  if kind ~= "number" and kind ~= "string" and kind ~= "boolean" then
    local copy, err = require("scalerun.core.data").copy(value, name)
    if copy == nil then
      error(("project:record: %s"):format(err.message), 2)
    end
    value = copy
  end
  local list = self.sink.records[name]
  if not list then
    list = {}
    self.sink.records[name] = list
  end
  list[#list + 1] = { value = value, iteration = self.iteration }
end

---@class scale.GivenOp
---@field kind string what it was about: "id", "task", "artifact"
---@field f "allocate"|"write"|"read"|"add"|"check"
---@field key string? which one
---@field input any what went in: the value of a write
---@field output any what came out: the ids of an allocation, the value of a read; plain data, kept up to 16 KiB
---@field error string? kind of the failure; without one it succeeded
---@field started number? seconds of scale.time.now(); now unless told
---@field ended number?
---@field scheduled number? when it should have started
---@field replica string? who answered
---@field attempt integer? how often it was sent, from 1

local op_keys = {
  "kind", "f", "key", "input", "output", "error", "started", "ended", "scheduled", "replica", "attempt",
}

--- Adds an operation to the history, which verify finds in seen.history. The target's clients do it by themselves.
---@param given scale.GivenOp
function Project:op(given)
  local unknown = core_history.op(self, given)
  if unknown ~= nil then
    fields.unknown("project:op", unknown, op_keys, 2)
  end
end

--- Runs fn(...) as a step of the project's way and returns what it returns. Its time is measured under
--- "step NAME"; reports show steps in the order in which they first began.
---@param name string the same each time: "load sdlc-core"
---@param fn function
---@param ... any
---@return any ...
function Project:step(name, fn, ...)
  return steps.step(self, name, fn, ...)
end

--- Waits for as long as the model would think, as the workflow's declaration says for this pause; measured under
--- "think NAME", apart from the service. The same seed makes the same pauses.
---@param name string a key of the declaration's think
---@return number seconds
function Project:think(name)
  return steps.think(self, name)
end

--- Calls fn(operation, answer) for every answer that this user is sent by the target's clients; answer has
--- request, status, body. Once for each user: a second call replaces the first.
---@param fn fun(operation: string, answer: table)
function Project:on_answer(fn)
  self.observer = fn
end

-- What reaches the target.
local reaching = { http = true, mcp = true }

local function replica_url(me, where)
  if where:find("^https?://") then
    return where
  end
  local replicas, names = me.shared.replicas or {}, {}
  for index, one in ipairs(replicas) do
    if one.name == where then
      return one.url
    end
    names[index] = one.name
  end
  error(errors.new {
    kind = #replicas == 0 and "missing" or "invalid",
    operation = "project.at",
    message = #replicas == 0 and "this run knows no replicas: give --replica-urls URL,URL"
      or ("there is no replica '%s': there are %s"):format(where, table.concat(names, ", ")),
    project = me.id,
  }, 0)
end

--- The same project, past the balancer: its http and mcp reach one replica. Everything else is this project's.
--- Another one is made each time, while the connections are kept.
---@param where string a replica's name, as in run.replicas, or its URL
---@return scale.Project
function Project:at(where)
  if type(where) ~= "string" then
    error("project:at(where): a replica's name or URL is wanted", 2)
  end
  local shared = setmetatable({ target = { url = replica_url(self, where) } }, { __index = self.shared })
  return setmetatable({ shared = shared }, {
    __index = function(there, key)
      if reaching[key] then
        return connection(there, key, "@" .. shared.target.url)
      end
      return self[key]
    end,
    __newindex = self,
  })
end

--- Where the records of one phase gather.
---@return table sink records: name → list of { value=, iteration= }; steps: scalerun.Step[], and which are noted
function project.sink()
  return { records = {}, steps = {}, noted = {} }
end

--- The object of one user.
---@param info table id, index, key
---@param shared table what the run gives to all projects: target, database, redis, settings, projects
---@param sink table
---@return scale.Project
function project.new(info, shared, sink)
  return setmetatable({
    id = info.id,
    index = info.index,
    key = info.key,
    projects = shared.projects,
    settings = shared.settings,
    profile = shared.profile,
    shared = shared,
    sink = sink,
  }, Project)
end

return project
