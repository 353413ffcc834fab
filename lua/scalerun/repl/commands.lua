--- What begins with a colon at the prompt.
local chunk = require "scalerun.repl.chunk"
local fold = require "scalerun.help.fold"
local help = require "scalerun.help"
local terminal = require "scalerun.core.terminal"
local time = require "scalerun.core.time"

local commands = {}

---@class scalerun.repl.Command
---@field usage string
---@field about string
---@field run fun(repl: scalerun.Repl, argument: string)

---@type table<string, scalerun.repl.Command>
local known = {}

local function refuse(fmt, ...)
  error({ message = fmt:format(...) }, 0)
end

local ORDER = { "help", "sandbox", "run", "load", "time", "quit" }

local OVERVIEW = [[
An expression is printed, anything else is carried out; what lacks its end goes on in the next line.
Each line runs as a task: what waits does not stop other tasks. Ctrl-C ends the line, Ctrl-D the REPL.
Globals: scale and its modules (http, pg, redis, mcp, json, time, task, fs, process, random, target, …).
]]

known.help = {
  usage = ":help [NAME]",
  about = "this, or what is known of a function, module or object: :help http.get",
  run = function(repl, argument)
    if argument == "" then
      repl:print(OVERVIEW)
      for _, name in ipairs(ORDER) do
        repl:print(("  %-20s %s"):format(known[name].usage, known[name].about))
      end
      return
    end
    local text, nearest = help.text(argument)
    if not text then
      refuse("there is nothing about '%s'%s", argument, nearest and (" (did you mean '%s'?)"):format(nearest) or "")
    end
    repl:print(fold(text, terminal.width("stdout")))
  end,
}

known.sandbox = {
  usage = ":sandbox",
  about = "starts a private target; projects.alpha and the others have http, db, redis, mcp, ids, tasks",
  run = function(repl)
    if repl.box then
      refuse("the sandbox is up already: %s", repl.box.url)
    end
    repl:note("starting the sandbox")
    repl.box, repl.env.projects = require("scalerun.repl.sandbox").start(repl.options)
    repl.env.box = repl.box
    repl:print(("target    %s\ndatabase  %s\nredis     %s\nprojects  %s"):format(repl.box.url, repl.box.dsn,
      repl.box.redis_url, table.concat(repl.options.projects, ", ")))
  end,
}

-- The words of a command line for the run, against the sandbox where one is up.
local function run_words(repl, argument)
  local words = {}
  for word in argument:gmatch("%S+") do
    words[#words + 1] = word
  end
  if repl.box then
    table.move({ "--target", repl.box.url, "--keys", repl.box.keys_file, "--database", repl.box.dsn, "--redis",
      repl.box.redis_url, "--projects", table.concat(repl.options.projects, ",") }, 1, 10, #words + 1, words)
  end
  return words
end

known.run = {
  usage = ":run FILE [OPTION]...",
  about = "runs a script as scalerun does; against the sandbox, where one is up",
  run = function(repl, argument)
    local words = run_words(repl, argument)
    local parsed, problem = require("scalerun.cli.options").parse("run", words)
    if not parsed or #(parsed.scripts or {}) == 0 then
      refuse("%s", problem or "usage: :run FILE [OPTION]...")
    end
    parsed.words = words
    require("scalerun.cli.run").run(parsed, function(wrong)
      refuse("%s", wrong)
    end)
  end,
}

known.load = {
  usage = ":load FILE",
  about = "runs a Lua file as if it had been typed, and prints what it returns",
  run = function(repl, argument)
    if argument == "" then
      refuse("usage: :load FILE")
    end
    local fn, problem = loadfile(argument, "t", repl.env)
    if not fn then
      refuse("%s", problem)
    end
    repl:show(table.pack(fn(argument)))
  end,
}

known.time = {
  usage = ":time EXPR",
  about = "how long it takes",
  run = function(repl, argument)
    local fn, problem = chunk.compile(argument, repl.env)
    if not fn then
      refuse("%s", problem or "the expression lacks its end")
    end
    local began = time.now()
    local values = table.pack(fn())
    local seconds = time.now() - began
    repl:show(values)
    repl:print(("%.3f ms"):format(seconds * 1000))
  end,
}

known.quit = {
  usage = ":quit",
  about = "ends the REPL, and the sandbox",
  run = function(repl)
    repl.ended = true
  end,
}

--- The names of all commands, with their colon.
---@return string[]
function commands.names()
  local list = {}
  for index, name in ipairs(ORDER) do
    list[index] = ":" .. name
  end
  return list
end

--- What a line that begins with a colon does; raises where there is no such command.
---@param line string
---@return fun(repl: scalerun.Repl)
function commands.find(line)
  local name, argument = line:match("^%s*:(%a*)%s*(.-)%s*$")
  local command = known[name or ""]
  if not command then
    refuse("there is no command %s (there are %s)", line:match("^%s*(%S+)"), table.concat(commands.names(), ", "))
  end
  return function(repl)
    command.run(repl, argument)
  end
end

return commands
