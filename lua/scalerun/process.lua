--- Child processes. Each leads a process group that ends with it, and none outlives scalerun.
local core = require "scalerun.core.process"
local os_core = require "scalerun.core.os"
local errors = require "scalerun.errors"
local options = require "scalerun.options"
local check = errors.check

---@class scale.process
local process = {}

-- Every wait has a deadline; math.huge waits for ever.
local PATIENCE = 60

---@class scale.Process
---@field pid integer
---@field package raw userdata
---@field package timeout number|string
local Process = {}
Process.__index = Process

---@class scale.ProcessEnd
---@field status integer? exit status
---@field signal string|integer? the signal that ended it, "KILL", instead of a status

---@class scale.SpawnOptions
---@field [integer] string|number the program and its arguments
---@field env table<string, string|number|false>? variables that are added or replaced; false removes one
---@field clear_env boolean? nothing but env
---@field cwd string? working folder
---@field user string|integer? name or number of the user to run as; its group, and no other
---@field stdin "null"|"pipe"|nil "null"
---@field stdout "inherit"|"null"|"pipe"|{ file: string }|nil "inherit"
---@field stderr "inherit"|"null"|"pipe"|"stdout"|{ file: string }|nil "inherit"
---@field pipe_max integer? bytes kept of an output that is not read; then the process waits. 1 MiB
---@field stop_signal string|integer? the polite way to end it: "TERM"
---@field grace number|string? between the polite signal and KILL: 5 s
---@field timeout number|string? the most that wait, read, lines and write take: 60 s

local allowed = {
  env = "table",
  clear_env = "boolean",
  cwd = "string",
  user = "string|integer",
  stdin = "string",
  stdout = "string|table",
  stderr = "string|table",
  pipe_max = "integer",
  stop_signal = "string|integer",
  grace = "string|number",
  timeout = "string|number",
}

-- Splits the list of words from the options.
local function split(where, given, known)
  if type(given) ~= "table" then
    error(("%s: takes a table: the program, its arguments and options"):format(where), 3)
  end
  local argv, named = {}, {}
  for key, value in pairs(given) do
    if math.type(key) ~= "integer" then
      named[key] = value
    end
  end
  for index, word in ipairs(given) do
    if type(word) ~= "string" and type(word) ~= "number" then
      error(("%s: argument %d is a %s, not a string"):format(where, index - 1, type(word)), 3)
    end
    argv[index] = tostring(word)
  end
  if #argv == 0 then
    error(("%s: no program is named"):format(where), 3)
  end
  options.check(where, named, known, 3)
  return argv, named
end

local function environment(where, given)
  local list = {}
  for name, value in pairs(given) do
    if type(name) ~= "string" or name == "" or name:find("[=\0]") then
      error(("%s: env has a name that no variable can have: %s"):format(where, tostring(name)), 4)
    end
    -- A name alone takes the variable away.
    list[#list + 1] = value == false and name or name .. "=" .. tostring(value)
  end
  table.sort(list)
  return list
end

local function user(where, name)
  local found = os_core.user(name)
  if not found then
    error(errors.new { kind = "invalid", operation = where, message = ("there is no user '%s'"):format(name) }, 0)
  end
  return found
end

local function output(where, name, value)
  if type(value) == "table" then
    options.check(where .. ": " .. name, value, { file = "string" }, 4)
    return "file", value.file
  end
  return value
end

local function start(where, argv, given)
  local low = {
    argv = argv,
    env = environment(where, given.env or {}),
    clear_env = given.clear_env,
    cwd = given.cwd,
    stdin = given.stdin,
    pipe_max = given.pipe_max,
    stop_signal = given.stop_signal,
    grace = given.grace,
  }
  low.stdout, low.stdout_path = output(where, "stdout", given.stdout)
  low.stderr, low.stderr_path = output(where, "stderr", given.stderr)
  if given.user then
    local entry = user(where, given.user)
    low.uid, low.gid = entry.uid, entry.gid
  end
  local raw = check(core.spawn(low))
  return setmetatable({ raw = raw, pid = raw:pid(), timeout = given.timeout or PATIENCE }, Process)
end

--- Starts a program. It runs when this returns; a program that cannot be run raises.
---
--- ```lua client
--- local server = scale.process.spawn { "redis-server", "--port", 0, stdout = "pipe" }
--- print(server:read("line")) -- its first line
--- server:stop()
--- ```
---@param given scale.SpawnOptions
---@return scale.Process
function process.spawn(given)
  local argv, named = split("process.spawn", given, allowed)
  return start("process.spawn", argv, named)
end

--- How it ended, or nil while it runs. Does not wait.
---@return scale.ProcessEnd?
function Process:status()
  return self.raw:status()
end

--- Waits for its end.
---@param timeout number|string? raises an error of kind "timeout" then; the process runs on
---@return scale.ProcessEnd
function Process:wait(timeout)
  return check(self.raw:wait(timeout or self.timeout))
end

--- Sends a signal to the process itself (not to its group).
---@param signal string|integer? "KILL" unless told
function Process:kill(signal)
  check(self.raw:kill(signal or "KILL"))
end

--- Ends it: the polite signal to its group, and KILL after the grace. Waits for the end. Safe to call again.
---@param grace number|string?
---@return scale.ProcessEnd
function Process:stop(grace)
  return check(self.raw:stop(grace))
end

Process.__close = function(self)
  self.raw:stop()
end

local descriptors = { stdout = 1, stderr = 2 }
local modes = { some = true, line = true, all = true }

---@class scale.ReadOptions
---@field from "stdout"|"stderr"|nil
---@field timeout number|string?

local function descriptor(where, given)
  options.check(where, given, { from = "string", timeout = "string|number" }, 3)
  local fd = descriptors[given and given.from or "stdout"]
  if not fd then
    error(("%s: option 'from' is 'stdout' or 'stderr', not %q"):format(where, given.from), 3)
  end
  return fd
end

--- Reads from an output that is a pipe: what is there ("some", at least a byte), a line without its newline
--- ("line"), or everything to its end ("all").
---@param mode "some"|"line"|"all"|nil
---@param given scale.ReadOptions?
---@return string? text nil at the end
function Process:read(mode, given)
  if mode ~= nil and not modes[mode] then
    error(("process.read: reads 'some', a 'line' or 'all', not %s"):format(tostring(mode)), 2)
  end
  local fd = descriptor("process.read", given)
  return check(self.raw:read(fd, mode or "some", given and given.timeout or self.timeout))
end

--- Iterates over the lines of an output that is a pipe.
---@param given scale.ReadOptions?
---@return fun(): string?
function Process:lines(given)
  local fd = descriptor("process.lines", given)
  local timeout = given and given.timeout or self.timeout
  return function()
    return check(self.raw:read(fd, "line", timeout))
  end
end

--- Writes to its stdin, which must be a pipe. Waits until all is written.
---@param text string
---@param timeout number|string?
function Process:write(text, timeout)
  check(self.raw:write(text, timeout or self.timeout))
end

--- Closes its stdin: it reads the end of its input.
function Process:close_stdin()
  self.raw:close_stdin()
end

---@class scale.RunResult: scale.ProcessEnd
---@field stdout string
---@field stderr string

---@class scale.RunOptions: scale.SpawnOptions
---@field input string? what it reads on its stdin
---@field timeout number|string? then it is killed and an error of kind "timeout" raised: 60 s

local run_allowed = { input = "string" }
for name, kind in pairs(allowed) do
  run_allowed[name] = name ~= "stdin" and kind or nil
end

local function collect(child, fd)
  return check(child.raw:read(fd, "all", child.timeout)) or ""
end

--- Runs a program to its end and returns how it ended and what it wrote, at most pipe_max (16 MiB) each.
--- A status other than 0 is no error here.
---@param given scale.RunOptions
---@return scale.RunResult
function process.run(given)
  local argv, named = split("process.run", given, run_allowed)
  named.stdin = named.input and "pipe" or "null"
  named.stdout = named.stdout or "pipe"
  named.stderr = named.stderr or "pipe"
  named.pipe_max = named.pipe_max or 16 << 20
  local child <close> = start("process.run", argv, named)
  local writer = named.input and require("scalerun.task").spawn(function()
    -- A program that does not read all of its input is in its right.
    child.raw:write(named.input, child.timeout)
    child.raw:close_stdin()
  end)
  local result = check(child.raw:wait(child.timeout, true))
  if writer then
    writer:join()
  end
  result.stdout = named.stdout == "pipe" and collect(child, 1) or nil
  result.stderr = named.stderr == "pipe" and collect(child, 2) or nil
  return result
end

return process
