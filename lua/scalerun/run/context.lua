--- What setup, verify and teardown receive: the run, as a scenario sees it.
local errors = require "scalerun.errors"
local facts = require "scalerun.run.facts"
local fields = require "scalerun.fields"
local series = require "scalerun.witness.series"

---@class scale.Run
---@field projects string[] the ids of all projects
---@field settings table<string, string> --set KEY=VALUE
---@field seed integer
---@field sandbox boolean whether scalerun started the target itself
---@field target scale.RunTarget the system under test
---@field database scale.RunDatabase its PostgreSQL; raises when the run has none: see run:has
---@field balancer scale.RunBalancer its load balancer
---@field cache scale.RunCache its Redis: what witnesses it offers, and any command
local Run = {}

local context = {}

local options = { target = "--target URL", database = "--database DSN", cache = "--redis URL",
  balancer = "--balancer URL" }
-- How the deployment opens each.
local opens = { target = "target", database = "database", cache = "cache", balancer = "balancer_witness" }

local function missing(what)
  error(errors.new {
    kind = "missing",
    operation = "run." .. what,
    message = ("this run has none: give %s"):format(options[what]),
  }, 0)
end

local known = {
  "projects", "settings", "seed", "sandbox", "target", "database", "cache", "balancer", "has", "expect",
  "fact", "matrix", "summarize", "log", "series",
}

function Run.__index(run, key)
  if Run[key] then
    return Run[key]
  elseif options[key] then
    local deployment = rawget(run, "deployment")
    return deployment[opens[key]](deployment) or missing(key)
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

--- A value over time, as a witness saw it while the phases ran: { max =, min =, mean =, last =, points = {{t, v}…},
--- unit =, source = }. What nobody saw has no points and no numbers, so that checks of it are inconclusive.
---@param name string "connections", "pool used", "cache hits", "requests a", …
---@return scale.WitnessSeries
function Run:series(name)
  return series.find(self.row.series or {}, name, 2)
end

--- A fact for the summary of the report: isolation ("pass", "fail"), id_collisions (a number), cache_hit_rate (0 to 1),
--- degradation { ratio =, low =, high =, limit = }, connections { most =, limit = }, replica_shares { NAME = share }.
---@param name string
---@param value any nil says nothing
function Run:fact(name, value)
  facts.add(self.row, name, value, 2)
end

--- A table of names against names for the report: who tried what with whom, and how often it went wrong.
---@param name string
---@param given { rows: string[], columns: string[], cells: { attempts: integer, leaks: integer }[][] }
function Run:matrix(name, given)
  facts.add_matrix(self.row, name, given, 2)
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

---@param given { deployment: table, sandbox: boolean?, judge: scalerun.Judge, row: table, progress: table,
---  projects: string[], settings: table, seed: integer }
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
    sandbox = given.sandbox or false,
  }, Run)
end

return context
