--- The REPL: reads lines, runs each as a task, prints what it returns.
local chunk = require "scalerun.repl.chunk"
local commands = require "scalerun.repl.commands"
local core = require "scalerun.core.task"
local errors = require "scalerun.errors"
local index = require "scalerun.help.index"
local pretty = require "scalerun.repl.pretty"
local scale = require "scalerun"
local signal = require "scalerun.core.signal"

local SIGINT = 2
local HOOK_EVERY = 100000 -- instructions of a line between two looks for Ctrl-C

---@class scalerun.Repl
---@field env table the globals of what is typed
---@field options { projects: string[], seed: integer, fault: string? }
---@field box scale.Sandbox?
---@field ended boolean
---@field failed boolean whether a line has failed
---@field read fun(prompt: string): string?, string?
---@field write fun(text: string)
---@field complain fun(text: string)
---@field private running userdata? the task of the line
local Repl = {}
Repl.__index = Repl

local repl = {}

local function environment()
  local env = { scale = scale }
  env._G = env
  return setmetatable(env, {
    __index = function(_, name)
      local value = _G[name]
      if value == nil and index.classes().scale.members[name] then
        value = scale[name]
        rawset(env, name, value)
      end
      return value
    end,
  })
end

--- @param given { options: table, read: (fun(prompt: string): string?, string?), write: fun(text: string),
---  complain: fun(text: string) } read returns "line" and its text, "interrupted", "end", or nil and an error
---@return scalerun.Repl
function repl.new(given)
  return setmetatable({
    env = environment(),
    options = given.options,
    read = given.read,
    write = given.write,
    complain = given.complain,
    ended = false,
    failed = false,
  }, Repl)
end

--- The names of globals that come when they are asked for: what scale has.
---@return string[]
function repl.globals()
  return index.classes().scale.order
end

function Repl:print(text)
  self.write(text .. "\n")
end

--- What goes on, for who waits.
function Repl:note(text)
  self.complain(text .. "\n")
end

--- Prints the values of a line.
---@param values table with n
function Repl:show(values)
  if values.n > 0 then
    self:print(pretty.values(values))
  end
end

-- A line that computes without end never gets to the loop: it looks itself whether Ctrl-C was pressed.
local function with_hook(fn, ...)
  debug.sethook(function()
    if signal.received() then
      error("interrupted", 0)
    end
  end, "", HOOK_EVERY)
  return fn(...)
end

local function message_of(err)
  if type(err) == "table" and not err.message then
    local own = table.move(err, 1, #err, 1, {})
    for name, value in pairs(err) do
      own[name] = name ~= "traceback" and value or nil -- the task adds it
    end
    return pretty.text(own)
  end
  local described = errors.describe(err)
  return described.operation and ("%s: %s"):format(described.operation, described.message) or described.message
end

--- Runs fn(...) as the line's task and waits for its end.
---@return boolean ok
function Repl:perform(fn, ...)
  self.interrupted = false
  self.running = core.spawn(with_hook, fn, ...)
  local results = table.pack(self.running:join())
  self.running = nil
  self.failed = self.failed or not results[1]
  if results[1] then
    self:show(table.pack(table.unpack(results, 2, results.n)))
  else
    self.complain((self.interrupted and "interrupted" or message_of(results[2])) .. "\n")
  end
  return results[1]
end

--- Called for each signal: Ctrl-C ends the line that runs, anything else the REPL.
---@param number integer
---@param main userdata the REPL's own task
function Repl:on_signal(number, main)
  if number ~= SIGINT then
    self.signal = number
    main:cancel()
  end
  if self.running then
    self.interrupted = true
    self.running:cancel()
  end
  if number == SIGINT then
    signal.forget()
  end
end

-- A line that begins with a colon.
function Repl:command(line)
  local ok, run = pcall(commands.find, line)
  if not ok then
    self.failed = true
    self.complain(message_of(run) .. "\n")
    return
  end
  self:perform(run, self)
  self:listen()
end

--- Takes the signals: again after a command that took them for itself.
function Repl:listen()
  local main = self.main
  signal.on(function(number)
    self:on_signal(number, main)
  end)
  if signal.received() == SIGINT then
    signal.forget()
  end
end

-- Text so far, and a line more: runs it when it is whole. Returns what is still to be completed.
function Repl:feed(pending, line)
  if not pending and line:find("^%s*:") then
    self:command(line)
    return nil
  end
  local text = pending and pending .. "\n" .. line or line
  local fn, problem = chunk.compile(text, self.env)
  if fn then
    self:perform(fn)
  elseif problem then
    self.failed = true
    self.complain(problem .. "\n")
  else
    return text
  end
end

--- Reads and runs lines until the input ends or :quit.
function Repl:loop()
  local pending
  while not self.ended do
    local outcome, text = self.read(pending and ">> " or "> ")
    if outcome == "line" then
      pending = self:feed(pending, text)
    elseif outcome == "interrupted" then
      pending = nil
    else
      break
    end
  end
  if pending then
    self.failed = true
    self.complain(select(2, load(pending, "=repl", "t")) .. "\n")
  end
end

--- Ends what commands have started.
function Repl:close()
  if self.box then
    self.box:stop()
    self.box = nil
  end
end

return repl
