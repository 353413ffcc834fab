--- Other people's MCP programs (spec/peers, installed by scripts/peers), each on a free port of its own.
local process = require "scalerun.process"
local task = require "scalerun.task"

local peers = {}

local root = debug.getinfo(1, "S").source:match("^@(.*)spec/support/[^/]+$")
local pipe <close> = assert(io.popen(("cd '%sspec/peers' && pwd"):format(root)))
local folder = pipe:read "l"

local SDK = "node_modules/@modelcontextprotocol/sdk/dist/esm/examples/server/"

local programs = {
  everything = { "node_modules/@modelcontextprotocol/server-everything/dist/index.js", "streamableHttp" },
  json_only = { SDK .. "jsonResponseStreamableHttp.js" },
  odd = { "odd_server.mjs" },
  per_request = { SDK .. "simpleStatelessStreamableHttp.js" },
  polling = { SDK .. "ssePollingExample.js" },
  stateless = { "stateless_server.mjs" },
}

--- The path of a file in spec/peers.
---@param name string
---@return string
function peers.path(name)
  return folder .. "/" .. name
end

---@class spec.Peer
---@field url string of its MCP endpoint
local Peer = {}
Peer.__index = Peer

--- The URL of another endpoint of the same server.
---@param last string the path's last part
---@return string
function Peer:at(last)
  return (self.url:gsub("[^/]+$", last))
end

function Peer:stop()
  self.child:stop()
end

--- Starts a server.
---@param name "everything"|"json_only"|"odd"|"per_request"|"polling"|"stateless"
---@return spec.Peer
function peers.start(name)
  local command = {
    peers.path "node_modules/.bin/node", "--require", "./listen_anywhere.cjs",
    cwd = folder,
    stdout = "pipe",
    stderr = "null",
    pipe_max = 16 << 20, -- nobody reads it once the server listens
    grace = "1s",
  }
  table.move(programs[name], 1, #programs[name], #command + 1, command)
  local child = process.spawn(command)
  for line in child:lines() do
    local port = line:match("^listening on port (%d+)$")
    if port then
      return setmetatable({ url = ("http://127.0.0.1:%s/mcp"):format(port), child = child }, Peer)
    end
  end
  child:stop()
  error(("the server %s ended before it listened: run scripts/peers"):format(name))
end

--- Starts several servers at once.
---@param list string[]
---@return table<string, spec.Peer> servers by name
function peers.start_all(list)
  local functions, servers = {}, {}
  for index, name in ipairs(list) do
    functions[index] = function()
      servers[name] = peers.start(name)
    end
  end
  task.all(functions)
  return servers
end

return peers
