--- The command line: what `scalerun` does with its arguments.
local status = require "scalerun.cli.status"

local cli = {}

local function usage(problem)
  io.stderr:write(("scalerun: %s (scalerun --help shows what it takes)\n"):format(problem))
  return status.USAGE
end

local function version()
  local build = require "scalerun.core.build"
  io.stdout:write(("scalerun %s (%s, libuv %s)\n"):format(build.version, _VERSION .. "." .. build.lua:match("%d+$"),
    build.libuv))
  return status.PASS
end

local function is_interactive()
  local terminal = require "scalerun.core.terminal"
  return terminal.is_terminal("stdin") and terminal.is_terminal("stdout")
end

-- Each is a module of this folder: run(parsed, usage) → exit status.
local commands = {
  check = "check", compare = "compare", judge = "judge", new = "new", repl = "repl", report = "report", run = "run",
  sandbox = "sandbox", selftest = "selftest",
}

--- @param argv string[] without the program's name
---@return integer exit_status
function cli.main(argv)
  local options = require "scalerun.cli.options"
  local command, rest = options.command(argv)
  if #argv == 0 and is_interactive() then
    command = "repl"
  end
  if command == "busted" then
    return require("scalerun.cli.busted").run(rest)
  end
  local parsed, problem = options.parse(command, rest)
  if not parsed then
    return usage(problem)
  elseif parsed.help then
    io.stdout:write(options.help(command), "\n")
    return status.PASS
  elseif parsed.version then
    return version()
  elseif command == "run" and #parsed.scripts == 0 then
    io.stderr:write(options.help("run"), "\n")
    return usage("no script is named")
  end
  parsed.words = argv
  return require("scalerun.cli." .. commands[command]).run(parsed, usage)
end

return cli
