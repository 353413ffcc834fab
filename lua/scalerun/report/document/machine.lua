--- What the run ran on, as the kernel and the distribution tell it.
local build = require "scalerun.core.build"
local fs = require "scalerun.fs"

local machine = {}

-- Not everywhere is there a /proc, and not each has every file.
local function read(path)
  local ok, text = pcall(fs.read, path)
  return ok and text or ""
end

local function line(path)
  local text = read(path):match("^[^\n]+")
  return text
end

-- x86 names its processors in /proc/cpuinfo; on ARM the board's name is the best there is.
local function processor(cpuinfo)
  local board = line("/sys/firmware/devicetree/base/model")
  return cpuinfo:match("model name%s*:%s*([^\n]+)") or cpuinfo:match("\nModel%s*:%s*([^\n]+)")
    or (board and board:gsub("%z", "")) or nil
end

--- @return { os: string?, kernel: string?, cpu: string?, cpus: integer, memory_bytes: integer? }
function machine.describe()
  local cpuinfo = "\n" .. read("/proc/cpuinfo")
  local kilobytes = read("/proc/meminfo"):match("MemTotal:%s*(%d+) kB")
  local _, cpus = cpuinfo:gsub("\nprocessor%s*:", "")
  return {
    os = read("/etc/os-release"):match('PRETTY_NAME="?([^"\n]+)'),
    kernel = line("/proc/sys/kernel/osrelease"),
    cpu = processor(cpuinfo),
    cpus = cpus,
    memory_bytes = kilobytes and math.tointeger(tonumber(kilobytes)) * 1024 or nil,
  }
end

--- The versions of what this program is made of, and of the servers that it ran against.
---@param servers table<string, string>?
---@return table<string, string>
function machine.versions(servers)
  local versions = { scalerun = build.version, lua = build.lua, libuv = build.libuv }
  for name, version in pairs(build.libraries) do
    versions[name] = version
  end
  for name, version in pairs(servers or {}) do
    versions[name] = version
  end
  return versions
end

return machine
