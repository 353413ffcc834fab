---@meta _
-- Made from lua/scalerun/project.lua by scripts/annotations: change it there.

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

--- Hands a value to verify, which finds it in seen[name]: the one door by which values leave a project.
---@param name string
---@param value boolean|number|string|table plain data; tables are copied
function Project:record(name, value) end

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

--- Adds an operation to the history, which verify finds in seen.history. The target's clients do it by themselves.
---@param given scale.GivenOp
function Project:op(given) end

--- Runs fn(...) as a step of the project's way and returns what it returns. Its time is measured under
--- "step NAME"; reports show steps in the order in which they first began.
---@param name string the same each time: "load sdlc-core"
---@param fn function
---@param ... any
---@return any ...
function Project:step(name, fn, ...) end

--- Waits for as long as the model would think, as the workflow's declaration says for this pause; measured under
--- "think NAME", apart from the service. The same seed makes the same pauses.
---@param name string a key of the declaration's think
---@return number seconds
function Project:think(name) end

--- Calls fn(operation, answer) for every answer that this user is sent by the target's clients; answer has
--- request, status, body. Once for each user: a second call replaces the first.
---@param fn fun(operation: string, answer: table)
function Project:on_answer(fn) end

--- The same project, past the balancer: its http and mcp reach one replica. Everything else is this project's.
--- Another one is made each time, while the connections are kept.
---@param where string a replica's name, as in run.replicas, or its URL
---@return scale.Project
function Project:at(where) end
