--- What setup, verify and teardown receive: the run, as a scenario sees it.
local errors = require "scalerun.errors"
local facts = require "scalerun.run.facts"
local fields = require "scalerun.fields"
local needs = require "scalerun.needs"
local series = require "scalerun.witness.series"

---@class scale.Run
---@field projects string[] the ids of all projects
---@field settings table<string, string> --set KEY=VALUE
---@field seed integer
---@field profile "quick"|"full" --profile: how long to go on
---@field sandbox boolean whether scalerun started the target itself
---@field replicas { name: string, url: string }[] of the target, past the balancer; none where they are not known
---@field artifacts_dir string? where the target keeps artifacts, {project}/{id}: the sandbox's, or what --set
---  artifacts_dir=PATH names
---@field content_dir string? where the documents are that the target serves, {type}/{name}.md: the sandbox's, or what
---  --set content_dir=PATH names
---@field target scale.RunTarget the system under test
---@field database scale.RunDatabase its PostgreSQL; raises when the run has none: see run:has
---@field balancer scale.RunBalancer its load balancer
---@field cache scale.RunCache its Redis: what witnesses it offers, and any command
local Run = {}

local context = {}

-- How the deployment opens each.
local opens = { target = "target", database = "database", cache = "cache", balancer = "balancer_witness" }

local function missing(what)
  error(errors.new {
    kind = "missing",
    operation = "run." .. what,
    message = "this run has none: " .. needs.remedy(what, false),
  }, 0)
end

local known = {
  "projects", "settings", "seed", "profile", "sandbox", "replicas", "artifacts_dir", "content_dir", "target",
  "database", "cache", "balancer", "has", "expect", "undecided", "series", "fact", "matrix", "summarize", "log",
  "kill_replica", "start_replica", "restart_target",
}

-- What may be absent without being a mistake.
local optional = { artifacts_dir = true, content_dir = true }

function Run.__index(run, key)
  if Run[key] then
    return Run[key]
  elseif opens[key] then
    local deployment = rawget(run, "deployment")
    return deployment[opens[key]](deployment) or missing(key)
  elseif not optional[key] then
    fields.unknown("run", key, known, 2)
  end
end

local function check_thing(method, what)
  if not needs.is(what) then
    error(("run:%s does not know %s; it knows %s"):format(method, tostring(what), table.concat(needs.names, ", ")), 3)
  end
end

--- Whether the run can reach the "target", its "database", "cache" and "balancer"; whether it knows more than one of
--- its "replicas"; whether it is a "sandbox", whose replicas can be killed.
---@param what string
---@return boolean
function Run:has(what)
  check_thing("has", what)
  return self.deployment:has(what)
end

--- Where the run lacks what a check needs: adds the check, inconclusive, saying which option would decide it.
---
--- ```lua verify
--- if not run:undecided("the balancer has servers", "balancer") then
---   run:expect("the balancer has servers"):count(#run.balancer:stats().servers):at_least(1)
--- end
--- ```
---@param name string of the check
---@param ... string what it needs, as for has
---@return boolean undecided false where everything is there; then nothing was added
function Run:undecided(name, ...)
  for _, what in ipairs { ... } do
    check_thing("undecided", what)
    if not self.deployment:has(what) then
      self.judge:add {
        name = name,
        verdict = "inconclusive",
        observed = ("this run has no %s: %s"):format(what, self.deployment:remedy(what)),
      }
      return true
    end
  end
  return false
end

local function own_sandbox(run, operation)
  local box = run.deployment.sandbox
  if not box then
    error(errors.new {
      kind = "missing",
      operation = operation,
      message = "scalerun ends and starts only what it has started: " .. run.deployment:remedy("sandbox"),
    }, 0)
  end
  return box
end

--- Kills a replica of the sandbox's target (SIGKILL). The balancer finds out by itself, within half a second. The next
--- scenario begins with all replicas again.
---@param name string as in run.replicas
function Run:kill_replica(name)
  own_sandbox(self, "run.kill_replica"):kill(name)
end

--- Starts a replica that was killed, at the same URL. Waits until the balancer sends it requests.
---@param name string
function Run:start_replica(name)
  own_sandbox(self, "run.start_replica"):start_replica(name)
end

--- Ends all replicas of the sandbox's target at once, and starts them anew at the same URLs.
function Run:restart_target()
  own_sandbox(self, "run.restart_target"):restart()
end

--- Begins a check: run:expect("ids are unique"):values(seen.id):unique().
---@param name string
---@param about { covers: string|string[]|nil, timing: boolean? }? covers: the requirements that this check judges;
---  timing: it depends on time though it looks at none, so that a generator at its limit leaves it undecided
---@return scale.Expectation
function Run:expect(name, about)
  local expectation = self.judge:expect(name, 3, about) -- not as a tail call, which would lose the script's line
  return expectation
end

--- A value over time, as a witness saw it while the phases ran: { max =, min =, mean =, last =, points = {{t, v}…},
--- unit =, source = }. What nobody saw has no points and no numbers, so that checks of it are inconclusive.
---@param name string "connections", "pool used", "cache hits", "requests a", …
---@param phase scale.Seen? seen.phases.NAME: only what was seen while it ran
---@return scale.WitnessSeries
function Run:series(name, phase)
  local found = series.find(self.row.series or {}, name, 2)
  return phase and series.within(found, phase.span.from, phase.span.to) or found
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
---@param fmt string as of string.format: "%d tasks"
---@param ... any
function Run:summarize(fmt, ...)
  self.row.summary = fmt:format(...)
end

--- A line of progress, on stderr.
---@param fmt string as of string.format
---@param ... any
function Run:log(fmt, ...)
  self.progress:log(fmt:format(...))
end

---@param given { deployment: table, sandbox: boolean?, judge: scalerun.Judge, row: table, progress: table,
---  projects: string[], settings: table, seed: integer, profile: string }
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
    profile = given.profile,
    sandbox = given.sandbox or false,
    replicas = given.deployment.replicas or {},
    artifacts_dir = given.deployment.artifacts_dir,
    content_dir = given.deployment.content_dir,
  }, Run)
end

return context
