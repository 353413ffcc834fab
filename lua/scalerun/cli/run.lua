--- scalerun run: scripts in, table and report out.
local console = require "scalerun.report.console"
local control = require "scalerun.run.control"
local core_build = require "scalerun.core.build"
local errors = require "scalerun.errors"
local faults = require "scalerun.cli.faults"
local folder = require "scalerun.report.folder"
local formats = require "scalerun.report.formats"
local fs = require "scalerun.fs"
local host = require "scalerun.core.host"
local json = require "scalerun.json"
local judge = require "scalerun.stored.judge"
local json_report = require "scalerun.report.json"
local keys = require "scalerun.cli.keys"
local paths = require "scalerun.cli.paths"
local progress = require "scalerun.report.progress"
local redact = require "scalerun.redact"
local run = require "scalerun.run"
local status = require "scalerun.cli.status"
local terminal = require "scalerun.core.terminal"
local time = require "scalerun.core.time"
local writer = require "scalerun.stored.writer"

local command = {}

local DEFAULT_REPORTS = "reports"

local function wants_colour(parsed, stream)
  local no_color = os.getenv("NO_COLOR")
  return not parsed.no_color and (no_color == nil or no_color == "") and terminal.is_terminal(stream)
end

local function make_progress(parsed, scrub)
  return progress.new {
    write = function(text)
      io.stderr:write(scrub(text))
      io.stderr:flush()
    end,
    live = terminal.is_terminal("stderr") and os.getenv("TERM") ~= "dumb",
    quiet = parsed.quiet,
    colour = wants_colour(parsed, "stderr"),
    size = function()
      return terminal.width("stderr"), terminal.height("stderr")
    end,
    now = time.now,
  }
end

--- What a command that prints the table of results writes to.
---@param parsed table quiet, verbose, no_color; projects and seed are looked at when the header is written
---@param scrub fun(text: string): string
---@return table
function command.output(parsed, scrub)
  local live = make_progress(parsed, scrub)
  local out = console.new {
    write = function(text)
      io.stdout:write(scrub(text))
      io.stdout:flush()
    end,
    colour = wants_colour(parsed, "stdout"),
    verbose = parsed.verbose,
  }
  return {
    progress = live,
    console = out,
    header = function(target)
      live:clear()
      out:header { version = core_build.version, projects = parsed.projects, target = target, seed = parsed.seed }
    end,
    row = function(row)
      live:clear()
      out:row(row)
    end,
    script_error = function(err)
      live:problem("scalerun: " .. err.message .. (err.traceback and "\n" .. err.traceback or ""))
    end,
  }
end

-- What every run leaves: what programs read, and what people look at.
local function files_of(result, scrub, files)
  local text = json_report.encode(result, scrub)
  local all = { ["report.json"] = text }
  all["report.html"] = formats.make("html", { document = assert(json_report.decode(text)), text = text })
  for name, content in pairs(files) do
    all[name] = content
  end
  return all
end

-- The forms that were asked for beside these. What went wrong, or nil.
local function write_formats(names, folder_of_run)
  local stored, first = assert(json_report.read(folder_of_run)), nil
  for _, name in ipairs(names) do
    local text, problem = formats.make(name, stored)
    if text then
      local ok, err = pcall(fs.write, ("%s/%s"):format(folder_of_run, formats.file(name)), text)
      problem = not ok and errors.describe(err).message or nil
    end
    first = first or problem and ("--format %s was not written: %s"):format(name, problem)
  end
  return first
end

-- GitHub reads its annotations from stdout.
local function annotate(folder_of_run, scrub)
  if os.getenv("GITHUB_ACTIONS") == "true" then
    io.stdout:write(scrub(formats.make("github", assert(json_report.read(folder_of_run)))))
  end
end

-- The report, also after an interrupt. Its folder, if it was written, and what was not written, if anything.
local function write_report(parsed, result, scrub, output)
  local files = output.store:finish(judge.ending(result))
  local path, problem = folder.write(parsed.report or DEFAULT_REPORTS, result.started, function(id)
    result.id = id
    return files_of(result, scrub, files)
  end)
  if not path then
    return nil, ("the report was not written: %s (choose another place with --report DIR)"):format(problem)
  elseif output.store.problem then
    output.progress:problem(("scalerun: what `scalerun judge` needs was not written: %s"):format(output.store.problem))
  end
  return path, write_formats(parsed.format, path)
end

local function read_keys(parsed)
  if not parsed.target then
    return nil
  end
  local path = parsed.keys or os.getenv("SCALERUN_KEYS")
  if not path or path == "" then
    return nil, "--target: needs the projects' API keys: give --keys FILE, a JSON object of project ids and keys"
  end
  local found, problem = keys.read(path, parsed.projects, json.decode)
  return found, problem and "--keys: " .. problem
end

--- @param parsed table what cli.options made of the command line
---@param usage fun(problem: string): integer tells what is wrong with the command line
---@return integer exit_status
function command.run(parsed, usage)
  local files, problem = paths.expand(parsed.scripts, fs)
  if not files then
    return usage(problem)
  end
  local found
  found, problem = read_keys(parsed)
  if problem then
    return usage(problem)
  end
  problem = parsed.fault and faults.check(parsed.fault)
  if problem then
    return usage(problem)
  end
  local secrets = redact.new()
  secrets:add { keys = found, dsns = { parsed.database or false, parsed.redis } }
  local function scrub(text)
    return secrets:scrub(text)
  end
  local output = command.output(parsed, scrub)
  output.secrets, output.store = secrets, writer.new(scrub)
  local steering = control.new()
  host.on_signal(function(signal)
    output.progress:log("stopping; once more to end at once")
    steering:interrupt(signal)
  end)
  local result = run.execute({
    paths = files,
    projects = parsed.projects,
    seed = parsed.seed,
    settings = parsed.settings,
    threads = parsed.threads,
    target = parsed.target,
    keys = found,
    database = parsed.database,
    redis = parsed.redis,
    balancer = parsed.balancer,
    replica_urls = parsed.replica_urls,
    replicas = parsed.replicas,
    profile = parsed.profile,
    fault = parsed.fault,
  }, steering, output)
  result.version = core_build.version
  result.command = table.move(parsed.words, 1, #parsed.words, 2, { "scalerun" })
  result.exit_status, result.text = status.of(result)
  output.progress:clear()
  if not result.plain then
    local ok, reports, unwritten = pcall(write_report, parsed, result, scrub, output)
    if not ok then
      reports, unwritten = nil, "the report was not written: " .. errors.describe(reports).message
    end
    output.console:footer(result, reports and reports .. "/report.html")
    if reports then
      annotate(reports, scrub)
    end
    result.exit_status, result.text = status.without(result.exit_status, result.text, unwritten)
  end
  output.store:close()
  io.stderr:write(scrub(("scalerun: %s\n"):format(result.text)))
  return result.exit_status
end

return command
