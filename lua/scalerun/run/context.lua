--- What setup, verify and teardown receive: the run, as a scenario sees it.
local errors = require "scalerun.errors"
local fields = require "scalerun.fields"

---@class scale.Run
---@field projects string[] the ids of all projects
---@field settings table<string, string> --set KEY=VALUE
---@field seed integer
---@field sandbox boolean whether scalerun started the target itself
---@field target scale.RunTarget the system under test
---@field database scale.RunDatabase its PostgreSQL; raises when the run has none: see run:has
---@field cache table its Redis, a client of scale.redis
local Run = {}

local context = {}

local options = { target = "--target URL", database = "--database DSN", cache = "--redis URL" }

local function missing(what)
  error(errors.new {
    kind = "missing",
    operation = "run." .. what,
    message = ("this run has none: give %s"):format(options[what]),
  }, 0)
end

local known = {
  "projects", "settings", "seed", "sandbox", "target", "database", "cache", "has", "expect", "summarize", "log",
}

function Run.__index(run, key)
  if Run[key] then
    return Run[key]
  elseif options[key] then
    return rawget(run, "deployment")[key](rawget(run, "deployment")) or missing(key)
  end
  fields.unknown("run", key, known, 2)
end

--- Whether the run can reach "target", "database" or "cache".
---@param what string
---@return boolean
function Run:has(what)
  return self.deployment:has(what)
end

--- Begins a check: run:expect("ids are unique"):values(seen.id):unique().
---@param name string
---@return scale.Expectation
function Run:expect(name)
  local expectation = self.judge:expect(name, 3) -- not as a tail call, which would lose the script's line
  return expectation
end

--- What the table of results says about this scenario, in place of its first checks.
---@param fmt string
function Run:summarize(fmt, ...)
  self.row.summary = fmt:format(...)
end

--- A line of progress, on stderr.
---@param fmt string
function Run:log(fmt, ...)
  self.progress:log(fmt:format(...))
end

---@param given { deployment: table, judge: scalerun.Judge, row: table, progress: table, projects: string[],
---  settings: table, seed: integer }
---@return scale.Run
function context.new(given)
  return setmetatable({
    deployment = given.deployment,
    judge = given.judge,
    row = given.row,
    progress = given.progress,
    projects = given.projects,
    settings = given.settings,
    seed = given.seed,
    sandbox = given.deployment.sandbox ~= nil,
  }, Run)
end

return context
