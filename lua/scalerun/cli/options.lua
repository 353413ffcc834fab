--- The command line of `scalerun run`: what it takes, and what it says when it cannot be read.
local argparse = require "argparse"
local projects = require "scalerun.run.projects"

local cli_options = {}

cli_options.COMMANDS = { "run", "sandbox", "busted" }

local DESCRIPTION = "Runs acceptance scenarios of multi-tenant systems under load and ends with a verdict."
local EPILOG = [[
Commands: run (may be left out), sandbox (keeps a private target up), busted ARGS (tests inside scalerun).

Without --target, --database and --redis a private PostgreSQL, Redis and target are started and taken down.

Exit status: 0 pass, 1 fail, 2 inconclusive, 3 error in a script, 4 target or sandbox not reachable, 64 usage,
130 or 143 ended by a signal.]]

local function add_common(parser)
  parser:option("--projects", "Ids separated by commas, or how many."):argname("LIST|N")
  parser:option("--seed", "Of all random values and data; 42 unless given."):argname("N")
  parser:option("--fault", "A defect that the sandbox's target shows."):argname("NAME")
  parser:option("--lua-path", "A folder whose modules take the place of the library's."):argname("DIR")
  parser:flag("-q --quiet", "No progress.")
  parser:flag("-v --verbose", "Every check and all evidence.")
  parser:flag("--no-color", "Plain text also on a terminal (as NO_COLOR does).")
  parser:flag("-h --help", "Shows this help.")
  parser:flag("--version", "Shows the version.")
end

local function run_parser()
  local parser = argparse("scalerun", DESCRIPTION, EPILOG):add_help(false)
  parser:usage "Usage: scalerun [run] [OPTION]... SCRIPT|DIR..."
  parser:argument("scripts", "Scenario scripts; of a folder, its *.lua."):args("*"):argname("SCRIPT|DIR")
  parser:option("--target", "The system under test; nothing is started then."):argname("URL")
  parser:option("--keys", "JSON file, project to API key, for --target (or SCALERUN_KEYS)."):argname("FILE")
  parser:option("--database", "Its PostgreSQL, as a witness."):argname("DSN")
  parser:option("--redis", "Its Redis."):argname("URL")
  parser:option("--set", "A setting for the scripts: run.settings.KEY."):argname("KEY=VALUE"):count("*")
  parser:option("--report", "Where reports go; ./reports unless given."):argname("DIR")
  parser:option("--threads", "At most so many threads for projects; 64 unless given."):argname("N")
  add_common(parser)
  return parser
end

local function sandbox_parser()
  local parser = argparse("scalerun sandbox", "Keeps a private PostgreSQL, Redis and target up until Ctrl-C.")
  parser:add_help(false)
  parser:usage "Usage: scalerun sandbox [OPTION]..."
  add_common(parser)
  return parser
end

-- The first word that is neither an option nor an option's value names the command, where it is one.
local valued = {}
for name in ("projects seed fault lua-path target keys database redis set report threads"):gmatch("%S+") do
  valued["--" .. name] = true
end

--- Splits off the command.
---@param argv string[]
---@return string command
---@return string[] rest
function cli_options.command(argv)
  local index = 1
  while index <= #argv and argv[index]:sub(1, 1) == "-" and argv[index] ~= "--" do
    index = index + (valued[argv[index]] and 2 or 1)
  end
  for _, command in ipairs(cli_options.COMMANDS) do
    if argv[index] == command then
      local rest = table.move(argv, 1, #argv, 1, {})
      table.remove(rest, index)
      return command, rest
    end
  end
  return "run", argv
end

local function integer(name, text, least)
  local value = math.tointeger(tonumber(text))
  if not value or value < least or not text:find("^%d+$") then
    return nil, ("%s: %s is not a whole number from %d"):format(name, text, least)
  end
  return value
end

local function settings_of(list)
  local settings = {}
  for _, text in ipairs(list) do
    local key, value = text:match("^([%w_.-]+)=(.*)$")
    if not key then
      return nil, ("--set: write KEY=VALUE, not '%s'"):format(text)
    end
    settings[key] = value
  end
  return settings
end

local function check_common(parsed)
  local problem
  parsed.projects, problem = projects.parse(parsed.projects)
  if not parsed.projects then
    return "--projects: " .. problem
  end
  parsed.seed, problem = integer("--seed", parsed.seed or "42", 0)
  return problem
end

local function check_run(parsed)
  local problem = check_common(parsed)
  if problem then
    return problem
  end
  parsed.settings, problem = settings_of(parsed.set)
  if problem then
    return problem
  end
  if parsed.threads then
    parsed.threads, problem = integer("--threads", parsed.threads, 1)
    if problem then
      return problem
    end
  end
  if parsed.target and not parsed.target:find("^https?://[^/]") then
    return ("--target: '%s' is not a URL such as http://127.0.0.1:8080"):format(parsed.target)
  elseif parsed.fault and (parsed.target or parsed.database or parsed.redis) then
    return "--fault: only the sandbox's target has faults; leave --target, --database and --redis out"
  elseif parsed.keys and not parsed.target then
    return "--keys: goes with --target"
  end
end

-- argparse suggests over two lines; a message is one.
local function one_line(message)
  return (message:gsub("%s*\n%s*", ". "):gsub("%.?$", ""))
end

--- Parses and checks.
---@param command "run"|"sandbox"
---@param argv string[] without the command
---@return table? parsed
---@return string? problem
function cli_options.parse(command, argv)
  local parser = command == "run" and run_parser() or sandbox_parser()
  local ok, parsed = parser:pparse(argv)
  if not ok then
    return nil, one_line(parsed)
  end
  if parsed.help or parsed.version then
    return parsed
  end
  local problem = (command == "run" and check_run or check_common)(parsed)
  if problem then
    return nil, problem
  end
  return parsed
end

--- The help of a command.
---@param command "run"|"sandbox"
---@return string
function cli_options.help(command)
  return (command == "run" and run_parser() or sandbox_parser()):get_help()
end

return cli_options
