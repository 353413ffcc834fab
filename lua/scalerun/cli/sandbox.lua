--- scalerun sandbox: a private PostgreSQL, Redis and target, kept up until a signal.
local core = require "scalerun.core.task"
local default_projects = require "scalerun.run.projects"
local errors = require "scalerun.errors"
local faults = require "scalerun.cli.faults"
local host = require "scalerun.core.host"
local sandbox = require "scalerun.sandbox"
local status = require "scalerun.cli.status"
local time = require "scalerun.core.time"

local command = {}

-- More keys than these are left to the file.
local KEYS_SHOWN = 10

local function print_sandbox(made, projects)
  io.stdout:write(("target    %s\n"):format(made.url))
  local urls = {}
  if made.balancer then
    for index, one in ipairs(made.replicas) do
      io.stdout:write(("replica   %s %s\n"):format(one.name, one.url))
      urls[index] = one.url
    end
    io.stdout:write(("balancer  %s\n"):format(made.balancer.stats_url))
  end
  io.stdout:write(("database  %s\nredis     %s\nkeys      %s\n"):format(made.dsn, made.redis_url, made.keys_file))
  if #projects <= KEYS_SHOWN then
    for _, project in ipairs(projects) do
      io.stdout:write(("key       %s %s\n"):format(project, made.keys[project]))
    end
  end
  local words = ("scalerun --target %s --keys %s --database %q --redis %s"):format(
    made.url, made.keys_file, made.dsn, made.redis_url)
  if made.balancer then
    words = ("%s --balancer %q --replica-urls %s"):format(words, made.balancer.stats_url, table.concat(urls, ","))
  end
  local ids = table.concat(projects, ",")
  if ids ~= table.concat(default_projects.DEFAULT, ",") then
    words = ("%s --projects %s"):format(words, ids)
  end
  io.stdout:write(("\n%s SCRIPT\n"):format(words))
  io.stdout:flush()
end

--- @param parsed table
---@param usage fun(problem: string): integer
---@return integer exit_status
function command.run(parsed, usage)
  local problem = parsed.fault and faults.check(parsed.fault)
  if problem then
    return usage(problem)
  end
  local received
  local handle = core.spawn(function()
    -- No limit to reservations, so that any scenario can be tried against it.
    local made = sandbox.start {
      projects = parsed.projects, seed = parsed.seed, fault = parsed.fault, replicas = parsed.replicas,
      reserve_rate = 0,
    }
    local guard <close> = setmetatable({}, {
      __close = function()
        made:stop()
      end,
    })
    print_sandbox(made, parsed.projects)
    if not parsed.quiet then
      io.stderr:write("scalerun: the sandbox is up; Ctrl-C ends it\n")
    end
    while guard do
      time.sleep(3600)
    end
  end)
  host.on_signal(function(signal)
    received = signal
    handle:cancel()
  end)
  local ok, err = handle:join()
  if received then
    return status.SIGNAL + received
  end
  io.stderr:write(("scalerun: the sandbox cannot be kept up: %s\n"):format(
    ok and "it ended" or errors.describe(err).message))
  return status.UNREACHABLE
end

return command
