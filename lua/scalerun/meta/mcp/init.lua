---@meta scalerun.mcp
-- Made from lua/scalerun/mcp/init.lua by scripts/annotations: change it there.

--- A client of MCP servers over Streamable HTTP: revisions 2025-03-26, 2025-06-18, 2025-11-25, and the stateless
--- 2026-07-28.
---
--- ```lua client
--- local client <close> = scale.mcp.connect {
---   url = url .. "/mcp", -- "http://localhost:8080/mcp"
---   headers = { Authorization = "Bearer " .. key },
--- }
--- local result = client:call_tool("get_next_task", { status = "pending" })
--- print(scale.mcp.text(result))
--- ```
---
--- Nothing is sent twice behind the script's back: a stream that breaks off is resumed where the server allows it,
--- but a request that got lost with its session is an error, unless the option resend asks for more.

---@class scale.mcp
local mcp = {}

---@class scale.mcp.Options
---@field url string? of the MCP endpoint; with project: its target's /mcp
---@field project scale.Project? whose key is sent, and whose observer is shown every message
---@field headers table<string, string>? of every request
---@field protocol "2025-11-25"|"2025-06-18"|"2025-03-26"|"2026-07-28"|nil the revision to offer; 2025-11-25. A server
---   that does not know 2026-07-28 is asked to initialize
---@field timeout number|string? from each request to its answer; 30 s
---@field on_notification fun(method: string, params: table)? notifications that no call takes
---@field on_request (fun(method: string, params: table): table?, table?)? what the server asks for: returns a
---   result, or nil and an error { code, message }. ping is answered anyway
---@field capabilities table? the client's; none
---@field client_info { name: string, version: string }?
---@field max_message integer? bytes of one message; 16 MiB
---@field resumptions integer? how often in a row a stream is resumed that then brings nothing; 5
---@field max_connections integer? and idle_timeout, ca_file, cert, key, insecure, unix_socket: as scale.http

--- Connects to a server: agrees with it on a revision and opens a session where it wants one.
---@param given scale.mcp.Options
---@return scale.mcp.Client
function mcp.connect(given) end

--- The texts of a result (of a tool, a prompt or a resource), each on lines of its own.
---@param result table
---@return string
function mcp.text(result) end

return mcp
