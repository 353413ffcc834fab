---@meta scalerun.sandbox
-- Made from lua/scalerun/sandbox/init.lua by scripts/annotations: change it there.

--- scale.sandbox: a private PostgreSQL, Redis and target for one run, the target in as many replicas as are wanted,
--- with HAProxy before them. All of it lives in one temporary folder and ends with the script, however that ends.

---@class scale.sandbox
---@field PROJECTS string[] the projects of a sandbox that is not told otherwise
local sandbox = {}

---@class scale.Sandbox
---@field url string of the target: the balancer's, where there is one
---@field replicas { name: string, url: string }[] each of them, past the balancer
---@field balancer { url: string, stats_url: string, log: string }? stats_url: HAProxy's statistics in CSV
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

--- Starts a sandbox. Waits until it serves; raises with the server's own words when one does not come up.
---
--- ```lua client
--- local box <close> = scale.sandbox.start { projects = { "alpha", "beta" }, reserve_rate = 0 }
--- ```
---@param given scale.SandboxOptions?
---@return scale.Sandbox
function sandbox.start(given) end

--- Changes settings; what is not named stays. Replicas that differ are started anew, at the same URLs; the data
--- stays. All replicas run after it.
---@param given scale.SandboxSettings
---@return boolean changed whether anything was started or stopped
function Sandbox:configure(given) end

--- As configure, but what is not named goes back to its default.
---@param given scale.SandboxSettings
---@return boolean changed
function Sandbox:settle(given) end

--- Kills a replica (SIGKILL): what it is at is lost. The balancer finds out by itself, within half a second.
---@param name string
function Sandbox:kill(name) end

--- Starts a replica that was killed, at the same URL. Waits until it serves and the balancer sends it requests.
---@param name string
---@return boolean started false when it runs already
function Sandbox:start_replica(name) end

--- Ends all replicas at once and starts them anew, at the same URLs. Waits as start_replica does.
function Sandbox:restart() end

--- Ends all of it and removes its folder. Safe to call again.
function Sandbox:stop() end

return sandbox
