--- scalerun repl: a prompt on a terminal; elsewhere the lines of standard input.
local build = require "scalerun.core.build"
local commands = require "scalerun.repl.commands"
local complete = require "scalerun.repl.complete"
local core = require "scalerun.core.task"
local editor = require "scalerun.core.editor"
local errors = require "scalerun.errors"
local faults = require "scalerun.cli.faults"
local fs = require "scalerun.fs"
local help = require "scalerun.help"
local repl = require "scalerun.repl"
local status = require "scalerun.cli.status"
local terminal = require "scalerun.core.terminal"

local command = {}

local HISTORY_FOLDER_MODE = 0x1c0

-- Where lines are kept; nil where there is no home, or no room in it.
local function history_path()
  local state, home = os.getenv("XDG_STATE_HOME"), os.getenv("HOME")
  if not state or state:sub(1, 1) ~= "/" then
    state = home and home ~= "" and home .. "/.local/state" or nil
  end
  local folder = state and state .. "/scalerun"
  return folder and pcall(fs.mkdir, folder, HISTORY_FOLDER_MODE) and folder .. "/history" or nil
end

local function files(start)
  local folder = start:match("^.*/") or ""
  local ok, names = pcall(fs.list, folder == "" and "." or folder)
  local found = {}
  for _, name in ipairs(ok and names or {}) do
    if name:sub(1, 1) ~= "." then
      local info = fs.stat(folder .. name)
      found[#found + 1] = folder .. name .. (info and info.type == "folder" and "/" or "")
    end
  end
  return found
end

local function open(one, on_terminal)
  local completer = complete.new {
    env = one.env,
    commands = commands.names(),
    classes = {
      [getmetatable(require("scalerun.project").new({}, {}, {}))] = "scale.Project",
    },
    globals = repl.globals,
    files = files,
    topics = help.topics,
    width = function()
      return terminal.width("stdout") or 80
    end,
  }
  errors.check(editor.open {
    history = on_terminal and history_path() or nil,
    complete = function(text)
      return completer:complete(text)
    end,
  })
end

local function new(parsed)
  return repl.new {
    options = { projects = parsed.projects, seed = parsed.seed, fault = parsed.fault },
    read = editor.read,
    write = function(text)
      io.stdout:write(text)
      io.stdout:flush()
    end,
    complain = function(text)
      io.stderr:write(text)
    end,
  }
end

--- @param parsed table
---@param usage fun(problem: string): integer
---@return integer exit_status
function command.run(parsed, usage)
  local problem = parsed.fault and faults.check(parsed.fault)
  if problem then
    return usage(problem)
  end
  local on_terminal = terminal.is_terminal("stdin") and terminal.is_terminal("stdout")
  local one = new(parsed)
  open(one, on_terminal)
  one.main = core.spawn(function()
    if on_terminal and not parsed.quiet then
      one:print(("scalerun %s, %s. :help tells what there is, Ctrl-D ends."):format(build.version, _VERSION))
    end
    if parsed.script then
      one:feed(nil, ":load " .. parsed.script)
    end
    one:loop()
  end)
  one:listen()
  local ok, err = one.main:join()
  one:close()
  if one.signal then
    return status.SIGNAL + one.signal
  elseif not ok then
    error(err, 0)
  end
  return not on_terminal and one.failed and status.SCRIPT or status.PASS
end

return command
