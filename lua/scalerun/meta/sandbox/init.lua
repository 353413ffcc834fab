---@meta scalerun.sandbox
-- Made from lua/scalerun/sandbox/init.lua by scripts/annotations: change it there.

--- scale.sandbox: a private PostgreSQL, Redis and target for one run. All of it lives in one temporary folder
--- and ends with the script, however that ends.

---@class scale.sandbox
---@field PROJECTS string[] the projects of a sandbox that is not told otherwise
local sandbox = {}

---@class scale.Sandbox
---@field url string of the target
---@field keys table<string, string> API key by project
---@field keys_file string the same as JSON
---@field dsn string of PostgreSQL, by its unix socket
---@field tcp_dsn string of PostgreSQL, by its loopback port
---@field redis_url string
---@field content_dir string the documents that the target serves over MCP
---@field artifacts_dir string what projects store there: {project}/{id}
---@field log_dir string the servers' logs, gone with the sandbox
---@field log string PostgreSQL's JSON log
---@field versions { postgresql: string, redis: string }
local Sandbox = {}

---@class scale.SandboxSettings settings of the target
---@field fault string|string[]|false|nil a defect that it shows (scalerun-target --faults lists them)
---@field id_scope "global"|"project"|nil
---@field reserve_rate integer? reservations a minute and project; 0: no limit. 10
---@field reservation_ttl number|string?
---@field sweep_interval number|string?
---@field pool_size integer? database connections kept: 20
---@field max_overflow integer? more while all are busy: 10
---@field pool_timeout number|string? longest wait for one: 30 s
---@field cache_ttl number|string? life of documents in Redis: 300 s
---@field page_size integer? entries on a page of an MCP list: 50

---@class scale.SandboxOptions: scale.SandboxSettings
---@field projects string[]? the five of sandbox.PROJECTS
---@field tasks integer? of each project, to begin with: 1000
---@field seed integer? of their contents: 42
---@field replicas integer? of the target; only 1 so far

--- Starts a sandbox. Waits until it serves; raises with the server's own words when one does not come up.
---
--- ```lua
--- local box <close> = scale.sandbox.start { projects = { "alpha", "beta" }, reserve_rate = 0 }
--- ```
---@param given scale.SandboxOptions?
---@return scale.Sandbox
function sandbox.start(given) end

--- Changes settings of the target; what is not named stays. When something differs, the target is started anew,
--- at the same URL; the data stays.
---@param given scale.SandboxSettings
---@return boolean restarted
function Sandbox:configure(given) end

--- Ends all of it and removes its folder. Safe to call again.
function Sandbox:stop() end

return sandbox
