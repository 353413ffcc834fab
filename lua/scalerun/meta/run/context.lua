---@meta _
-- Made from lua/scalerun/run/context.lua by scripts/annotations: change it there.

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

--- Whether the run can reach the "target", its "database", "cache" and "balancer"; whether it knows more than one of
--- its "replicas"; whether it is a "sandbox", whose replicas can be killed.
---@param what string
---@return boolean
function Run:has(what) end

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
function Run:undecided(name, ...) end

--- Kills a replica of the sandbox's target (SIGKILL). The balancer finds out by itself, within half a second. The next
--- scenario begins with all replicas again.
---@param name string as in run.replicas
function Run:kill_replica(name) end

--- Starts a replica that was killed, at the same URL. Waits until the balancer sends it requests.
---@param name string
function Run:start_replica(name) end

--- Ends all replicas of the sandbox's target at once, and starts them anew at the same URLs.
function Run:restart_target() end

--- Begins a check: run:expect("ids are unique"):values(seen.id):unique().
---@param name string
---@param about { covers: string|string[]|nil, timing: boolean? }? covers: the requirements that this check judges;
---  timing: it depends on time though it looks at none, so that a generator at its limit leaves it undecided
---@return scale.Expectation
function Run:expect(name, about) end

--- A value over time, as a witness saw it while the phases ran: { max =, min =, mean =, last =, points = {{t, v}…},
--- unit =, source = }. What nobody saw has no points and no numbers, so that checks of it are inconclusive.
---@param name string "connections", "pool used", "cache hits", "requests a", …
---@param phase scale.Seen? seen.phases.NAME: only what was seen while it ran
---@return scale.WitnessSeries
function Run:series(name, phase) end

--- A fact for the summary of the report: isolation ("pass", "fail"), id_collisions (a number), cache_hit_rate (0 to 1),
--- degradation { ratio =, low =, high =, limit = }, connections { most =, limit = }, replica_shares { NAME = share }.
---@param name string
---@param value any nil says nothing
function Run:fact(name, value) end

--- A table of names against names for the report: who tried what with whom, and how often it went wrong.
---@param name string
---@param given { rows: string[], columns: string[], cells: { attempts: integer, leaks: integer }[][] }
function Run:matrix(name, given) end

--- What the table of results says about this scenario, in place of its first checks.
---@param fmt string as of string.format: "%d tasks"
---@param ... any
function Run:summarize(fmt, ...) end

--- A line of progress, on stderr.
---@param fmt string as of string.format
---@param ... any
function Run:log(fmt, ...) end
