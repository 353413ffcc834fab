--- Ports of the loopback for servers that come back at the same address after they were stopped or killed. The
--- kernel gives ports of its own range to outgoing connections, which may last: a server that listened there would
--- find its port taken. So these lie outside.
local fs = require "scalerun.fs"
local os_core = require "scalerun.core.os"
local random = require "scalerun.random"

local ports = {}

local LOWEST, HIGHEST = 20000, 65535 -- well-known services are below
local LEAST = 1000 -- in a smaller range two sandboxes would meet too often
local RANGE = "/proc/sys/net/ipv4/ip_local_port_range"

--- The wider of the two stretches that the kernel's range leaves.
---@param low integer first port of the kernel's range
---@param high integer its last
---@return integer? first nil where too little is left
---@return integer? last
function ports.outside(low, high)
  local below, above = low - LOWEST, HIGHEST - high
  if math.max(below, above) < LEAST then
    return nil
  elseif below >= above then
    return LOWEST, low - 1
  end
  return high + 1, HIGHEST
end

--- A port at random. Somebody may listen there: try another one then.
---@return integer
function ports.pick()
  local low, high = (fs.exists(RANGE) and fs.read(RANGE) or ""):match("(%d+)%s+(%d+)")
  local first, last
  if low then
    first, last = ports.outside(math.tointeger(low), math.tointeger(high))
  end
  if not first then
    return assert(os_core.free_port())
  end
  return first + tonumber(random.token(4), 16) % (last - first + 1)
end

return ports
