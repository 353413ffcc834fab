--- The command line of `scalerun run`: what it takes, and what it says when it cannot be read.
local argparse = require "argparse"
local formats = require "scalerun.report.formats"
local names = require "scalerun.names"
local profiles = require "scalerun.profiles"
local projects = require "scalerun.run.projects"
local settings = require "scalerun.sandbox.settings"

local cli_options = {}

local DESCRIPTION = "Runs acceptance scenarios of multi-tenant systems under load and ends with a verdict."
local EPILOG = [[
Commands (scalerun COMMAND --help says more):
   run SCRIPT...   the above; the word may be left out    check SCRIPT...  finds mistakes without running
   repl [SCRIPT]   a prompt; also scalerun alone          new KIND NAME    begins a scenario or workflow
   sandbox         keeps a private target up              judge RUN        judges a stored run again
   report RUN      its reports, in other forms            compare RUN RUN  what became slower
   selftest [DIR]  tries scenarios under every fault      busted ARGS      tests inside scalerun
Exit status: 0 pass, 1 fail, 2 inconclusive, 3 error in a script or no report written, 4 target or sandbox
not reachable, 64 usage, 130 or 143 ended by a signal.]]

local function new_parser(name, description, usage, epilog)
  local parser = argparse(name, description, epilog):add_help(false)
  parser:usage("Usage: " .. usage)
  parser:usage_margin(2):help_description_margin(28):help_max_width(112)
  return parser
end

local function projects_option(parser)
  return parser:option("--projects", "Ids separated by commas, or how many."):argname("LIST|N")
end

local function seed_option(parser)
  return parser:option("--seed", "Of all random values and data; 42 unless given."):argname("N")
end

local function fault_option(parser)
  return parser:option("--fault", "A defect that the sandbox or its target shows."):argname("NAME")
end

local function replicas_option(parser, unless)
  return parser:option("--replicas", "Of the sandbox's target, behind HAProxy; " .. unless .. "."):argname("N")
end

local function profile_option(parser, which)
  return parser:option("--profile", "How long scenarios go on: " .. which .. "."):argname("NAME")
end

-- What every command takes, after what a command has beside.
local function add_general(parser, ...)
  local own = { ... }
  for _, option in ipairs {
    parser:option("--lua-path", "A folder whose modules take the place of the library's."):argname("DIR"),
    parser:flag("-q --quiet", "No progress."),
    parser:flag("-h --help", "Shows this help."),
    parser:flag("--version", "Shows the version."),
  } do
    own[#own + 1] = option
  end
  parser:group("General", table.unpack(own))
  return parser
end

local function format_option(parser, unless)
  return parser:option("--format", ("%s; %s."):format(table.concat(formats.NAMES, ", "), unless)):argname("LIST")
end

local parsers = {}

function parsers.run()
  local parser = new_parser("scalerun", DESCRIPTION, "scalerun [run] [OPTION]... SCRIPT|DIR...", EPILOG)
  parser:argument("scripts"):args("*"):hidden(true)
  parser:group("System under test (without --target, --database and --redis a private sandbox is started)",
    parser:option("--target", "Its URL."):argname("URL"),
    parser:option("--keys", "JSON file, project to API key, for --target (or SCALERUN_KEYS)."):argname("FILE"),
    parser:option("--database", "Its PostgreSQL, as a witness."):argname("DSN"),
    parser:option("--redis", "Its Redis."):argname("URL"),
    parser:option("--balancer", "The statistics of the HAProxy before it."):argname("URL"),
    parser:option("--replica-urls", "Its replicas, each past the balancer."):argname("URL,URL"),
    replicas_option(parser, "as scenarios ask unless given"),
    fault_option(parser))
  parser:group("Load",
    projects_option(parser),
    seed_option(parser),
    profile_option(parser, "quick, or full, the default"),
    parser:option("--threads", "At most so many threads for projects; 64 unless given."):argname("N"),
    parser:option("--set", "A setting for the scripts: run.settings.KEY."):argname("KEY=VALUE"):count("*"))
  return add_general(parser,
    parser:option("--report", "Where reports go; ./reports unless given."):argname("DIR"),
    format_option(parser, "beside json and html"),
    parser:flag("-v --verbose", "Every check and all evidence."),
    parser:flag("--no-color", "Plain text also on a terminal (as NO_COLOR does)."))
end

function parsers.sandbox()
  local parser = new_parser("scalerun sandbox", "Keeps a private PostgreSQL, Redis and target up until Ctrl-C.",
    "scalerun sandbox [OPTION]...")
  parser:group("Sandbox", projects_option(parser), seed_option(parser), replicas_option(parser, "1 unless given"),
    fault_option(parser))
  return add_general(parser)
end

function parsers.judge()
  local parser = new_parser("scalerun judge", "Judges a stored run again, without its target; status as of run.",
    "scalerun judge [OPTION]... RUN")
  parser:argument("folder", "The run's folder: reports/2026-11-26T12-00-00Z."):argname("RUN")
  parser:group("Judging",
    parser:option("--script", "Judges by this script what the one of the same id left."):argname("FILE"):count("*"))
  return add_general(parser,
    parser:flag("-v --verbose", "Every check and all evidence."),
    parser:flag("--no-color", "Plain text also on a terminal (as NO_COLOR does)."))
end

function parsers.report()
  local parser = new_parser("scalerun report", "Makes the reports of a stored run again, from its report.json.",
    "scalerun report [OPTION]... RUN")
  parser:argument("folder", "The run's folder, or its report.json."):argname("RUN")
  parser:group("Reports", format_option(parser, "html unless given"),
    parser:option("--output", "Where they go; the run's folder unless given, - is stdout."):argname("DIR|-"))
  return add_general(parser)
end

function parsers.compare()
  local parser = new_parser("scalerun compare", "Shows what took longer or shorter in the second run, with intervals.",
    "scalerun compare [OPTION]... RUN RUN")
  parser:argument("first", "A run's folder, or its report.json."):argname("RUN")
  parser:argument("second", "The one that is compared with it."):argname("RUN")
  parser:group("Comparing",
    parser:option("--limit", "Exit status 1 when an operation takes longer by more than this."):argname("PERCENT"))
  return add_general(parser)
end

function parsers.check()
  local parser = new_parser("scalerun check", "Finds mistakes in scripts without running them; exit status 3 if any.",
    "scalerun check [OPTION]... SCRIPT|DIR...")
  parser:argument("scripts", "Scenarios, workflows; of a folder, its *.lua."):args("+"):argname("SCRIPT|DIR")
  return add_general(parser)
end

function parsers.new()
  local parser = new_parser("scalerun new", "Writes a commented start that runs; never over a file that is there.",
    "scalerun new [OPTION]... scenario|workflow NAME")
  parser:argument("kind", "What it is to be."):choices { "scenario", "workflow" }
  parser:argument("name", "Where it goes: checkout is checkout.lua."):argname("NAME")
  return add_general(parser)
end

function parsers.repl()
  local parser = new_parser("scalerun repl", "A prompt for Lua with all of scalerun; :help there says more.",
    "scalerun repl [OPTION]... [SCRIPT]")
  parser:argument("script", "Runs first; its globals are then there."):args("?"):argname("SCRIPT")
  parser:group("Of :sandbox", projects_option(parser), seed_option(parser), fault_option(parser))
  return add_general(parser)
end

function parsers.selftest()
  local parser = new_parser("scalerun selftest",
    "Runs scenarios without and with every fault: each fault is to be found by a scenario that is meant to.",
    "scalerun selftest [OPTION]... [SCRIPT|DIR]...")
  parser:argument("scripts", "Scenarios; scripts/scenarios unless given."):args("*"):argname("SCRIPT|DIR")
  parser:group("Runs",
    parser:flag("--meant", "Under a fault, only the scenarios that are meant to find it."),
    parser:option("--fault", "This fault only; may be given again."):argname("NAME"):count("*"),
    parser:option("--part", "Every N-th fault only, from the K-th on."):argname("K/N"),
    parser:option("--clean", "How many runs without a fault; 1 unless given."):argname("N"),
    projects_option(parser),
    seed_option(parser),
    profile_option(parser, "quick, the default, or full"))
  return add_general(parser, parser:option("--report", "Keeps the runs' reports there."):argname("DIR"))
end

cli_options.COMMANDS = names.sorted(parsers)
table.insert(cli_options.COMMANDS, "busted")

--- The parser of a command, for the manual and the shells' completion; nil for busted, which reads its own arguments.
---@param command string
---@return table? parser argparse's
function cli_options.parser(command)
  return parsers[command] and parsers[command]()
end

-- Options that are followed by a value.
local valued = {}
for _, command in ipairs(names.sorted(parsers)) do
  for _, option in ipairs(parsers[command]()._options) do
    for _, alias in ipairs(option._aliases) do
      valued[alias] = valued[alias] or option._maxargs > 0
    end
  end
end

--- Splits off the command: the first word that is neither an option nor an option's value, where it names one.
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
  local found = {}
  for _, text in ipairs(list) do
    local key, value = text:match("^([%w_.-]+)=(.*)$")
    if not key then
      return nil, ("--set: write KEY=VALUE, not '%s'"):format(text)
    end
    found[key] = value
  end
  return found
end

local function check_common(parsed)
  local problem
  parsed.projects, problem = projects.parse(parsed.projects)
  if not parsed.projects then
    return "--projects: " .. problem
  end
  parsed.seed, problem = integer("--seed", parsed.seed or "42", 0)
  if not problem and parsed.replicas then
    parsed.replicas, problem = integer("--replicas", parsed.replicas, 1)
    if not problem and parsed.replicas > settings.MOST_REPLICAS then
      problem = ("--replicas: at most %d, not %d"):format(settings.MOST_REPLICAS, parsed.replicas)
    end
  end
  return problem
end

local function is_url(text)
  return text:find("^https?://[^/]") ~= nil
end

-- The URLs of --replica-urls.
local function urls_of(text)
  local list = {}
  for url in (text .. ","):gmatch("([^,]*),") do
    if not is_url(url) then
      return nil, ("--replica-urls: '%s' is not a URL such as http://127.0.0.1:8081"):format(url)
    end
    list[#list + 1] = (url:gsub("/+$", ""))
  end
  return list
end

-- What is wrong with how the options for an existing deployment and for a sandbox go together.
local function check_deployment(parsed)
  local existing = parsed.target or parsed.database or parsed.redis
  if parsed.target and not is_url(parsed.target) then
    return ("--target: '%s' is not a URL such as http://127.0.0.1:8080"):format(parsed.target)
  elseif parsed.balancer and not is_url(parsed.balancer) then
    return ("--balancer: '%s' is not a URL such as http://127.0.0.1:8404/stats"):format(parsed.balancer)
  elseif existing and (parsed.fault or parsed.replicas) then
    return ("%s: only the sandbox's target has %s; leave --target, --database and --redis out"):format(
      parsed.fault and "--fault" or "--replicas", parsed.fault and "faults" or "replicas that scalerun starts")
  end
  for _, name in ipairs { "keys", "balancer", "replica_urls" } do
    if parsed[name] and not parsed.target then
      return ("--%s: goes with --target"):format((name:gsub("_", "-")))
    end
  end
end

local function check_format(parsed, unless)
  local problem
  local list = parsed.format or unless
  parsed.format, problem = {}, nil
  if list then
    parsed.format, problem = formats.parse(list)
  end
  return problem and "--format: " .. problem
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
  if parsed.replica_urls then
    parsed.replica_urls, problem = urls_of(parsed.replica_urls)
    if problem then
      return problem
    end
  end
  parsed.profile = parsed.profile or profiles.DEFAULT
  return check_format(parsed) or profiles.problem(parsed.profile) or check_deployment(parsed)
end

local function check_selftest(parsed)
  local problem = check_common(parsed)
  if not problem then
    parsed.clean, problem = integer("--clean", parsed.clean or "1", 0)
  end
  if not problem and parsed.part then
    local number, of = parsed.part:match("^(%d+)/(%d+)$")
    number, of = tonumber(number), tonumber(of)
    if not number or number < 1 or number > of then
      return ("--part: write K/N, such as 1/3, not '%s'"):format(parsed.part)
    end
    parsed.part = { number = number, of = of }
  end
  parsed.profile = parsed.profile or "quick"
  return problem or profiles.problem(parsed.profile)
end

-- argparse suggests over two lines; a message is one.
local function one_line(message)
  return (message:gsub("%s*\n%s*", ". "):gsub("%.?$", ""))
end

local function check_report(parsed)
  local problem = check_format(parsed, "html")
  if not problem and parsed.output == "-" and #parsed.format ~= 1 then
    return "--output: - takes one format"
  end
  return problem
end

local function check_compare(parsed)
  if parsed.limit then
    local percent = tonumber(parsed.limit:match("^(%d+%.?%d*)%s*%%?$"))
    if not percent then
      return ("--limit: '%s' is not a share such as 10%%"):format(parsed.limit)
    end
    parsed.limit = percent / 100
  end
end

local checks = {
  compare = check_compare, repl = check_common, report = check_report, run = check_run, sandbox = check_common,
  selftest = check_selftest,
}

--- Parses and checks.
---@param command string one of COMMANDS but busted
---@param argv string[] without the command
---@return table? parsed
---@return string? problem
function cli_options.parse(command, argv)
  for _, word in ipairs(argv) do -- whatever else is missing
    if word == "-h" or word == "--help" then
      return { help = true }
    elseif word == "--version" then
      return { version = true }
    elseif word == "--" then
      break
    end
  end
  local ok, parsed = parsers[command]():pparse(argv)
  if not ok then
    return nil, one_line(parsed)
  end
  local problem = checks[command] and checks[command](parsed)
  if problem then
    return nil, problem
  end
  return parsed
end

--- The help of a command.
---@param command string
---@return string
function cli_options.help(command)
  return parsers[command]():get_help()
end

return cli_options
