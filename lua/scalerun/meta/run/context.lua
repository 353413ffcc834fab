---@meta _
-- Made from lua/scalerun/run/context.lua by scripts/annotations: change it there.

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

--- Whether the run can reach "target", "database" or "cache".
---@param what string
---@return boolean
function Run:has(what) end

--- Begins a check: run:expect("ids are unique"):values(seen.id):unique().
---@param name string
---@return scale.Expectation
function Run:expect(name) end

--- A value over time, as a witness saw it while the phases ran: { max =, min =, mean =, last =, points = {{t, v}…},
--- unit =, source = }. What nobody saw has no points and no numbers, so that checks of it are inconclusive.
---@param name string "connections", "pool used", "cache hits", "requests a", …
---@return scale.WitnessSeries
function Run:series(name) end

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
---@param fmt string
function Run:summarize(fmt, ...) end

--- A line of progress, on stderr.
---@param fmt string
function Run:log(fmt, ...) end
