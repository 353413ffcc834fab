---@meta scalerun.process
-- Made from lua/scalerun/process.lua by scripts/annotations: change it there.

--- Child processes. Each leads a process group that ends with it, and none outlives scalerun.

---@class scale.process
local process = {}

---@class scale.Process
---@field pid integer
local Process = {}

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

--- Starts a program. It runs when this returns; a program that cannot be run raises.
---
--- ```lua client
--- local server = scale.process.spawn { "redis-server", "--port", 0, stdout = "pipe" }
--- print(server:read("line")) -- its first line
--- server:stop()
--- ```
---@param given scale.SpawnOptions
---@return scale.Process
function process.spawn(given) end

--- How it ended, or nil while it runs. Does not wait.
---@return scale.ProcessEnd?
function Process:status() end

--- Waits for its end.
---@param timeout number|string? raises an error of kind "timeout" then; the process runs on
---@return scale.ProcessEnd
function Process:wait(timeout) end

--- Sends a signal to the process itself (not to its group).
---@param signal string|integer? "KILL" unless told
function Process:kill(signal) end

--- Ends it: the polite signal to its group, and KILL after the grace. Waits for the end. Safe to call again.
---@param grace number|string?
---@return scale.ProcessEnd
function Process:stop(grace) end

---@class scale.ReadOptions
---@field from "stdout"|"stderr"|nil
---@field timeout number|string?

--- Reads from an output that is a pipe: what is there ("some", at least a byte), a line without its newline
--- ("line"), or everything to its end ("all").
---@param mode "some"|"line"|"all"|nil
---@param given scale.ReadOptions?
---@return string? text nil at the end
function Process:read(mode, given) end

--- Iterates over the lines of an output that is a pipe.
---@param given scale.ReadOptions?
---@return fun(): string?
function Process:lines(given) end

--- Writes to its stdin, which must be a pipe. Waits until all is written.
---@param text string
---@param timeout number|string?
function Process:write(text, timeout) end

--- Closes its stdin: it reads the end of its input.
function Process:close_stdin() end

---@class scale.RunResult: scale.ProcessEnd
---@field stdout string
---@field stderr string

---@class scale.RunOptions: scale.SpawnOptions
---@field input string? what it reads on its stdin
---@field timeout number|string? then it is killed and an error of kind "timeout" raised: 60 s

--- Runs a program to its end and returns how it ended and what it wrote, at most pipe_max (16 MiB) each.
--- A status other than 0 is no error here.
---@param given scale.RunOptions
---@return scale.RunResult
function process.run(given) end

return process
