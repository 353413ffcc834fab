--- Runs the real command line, for specs that show what users see.
local build = require "scalerun.core.build"
local fs = require "scalerun.fs"
local json = require "scalerun.json"
local process = require "scalerun.process"

local command = {}

---@class spec.Outcome
---@field status integer? exit status
---@field signal string?
---@field stdout string
---@field stderr string
---@field report table? report.json, decoded
---@field report_text string?
---@field last_line string of stderr

local function find_report(folder)
  if not fs.exists(folder) then
    return nil
  end
  local names = fs.list(folder)
  assert(#names <= 1, "more than one report")
  return names[1] and fs.read(("%s/%s/report.json"):format(folder, names[1]))
end

--- A temporary folder for scripts and reports; removed when the spec's process ends.
---@return string
function command.folder()
  return fs.mkdtemp("scalerun-spec-")
end

--- Writes a file into the folder and returns its path.
---@param folder string
---@param name string
---@param text string
---@return string
function command.file(folder, name, text)
  local path = folder .. "/" .. name
  fs.write(path, text)
  return path
end

local function words_of(words, reports)
  local argv = { build.executable }
  table.move(words, 1, #words, 2, argv)
  if reports then
    argv[#argv + 1] = "--report"
    argv[#argv + 1] = reports
  end
  return argv
end

local function outcome_of(ended, stdout, stderr, reports)
  local text = reports and find_report(reports)
  return {
    status = ended.status,
    signal = ended.signal,
    stdout = stdout,
    stderr = stderr,
    report_text = text,
    report = text and json.decode(text),
    last_line = stderr:match("([^\n]*)\n?$"),
  }
end

--- Runs scalerun to its end.
---@param words (string|number)[] its arguments
---@param options { cwd: string?, env: table?, reports: string|false|nil, timeout: number|string? }? reports: where
---  reports go; a new folder unless told, false for no --report
---@return spec.Outcome
function command.run(words, options)
  options = options or {}
  local reports = options.reports
  if reports == nil then
    reports = command.folder() .. "/reports"
  end
  local given = words_of(words, reports)
  given.cwd, given.env, given.timeout = options.cwd, options.env, options.timeout or 120
  local ended = process.run(given)
  return outcome_of(ended, ended.stdout, ended.stderr, reports)
end

--- Starts scalerun; finish() waits for its end.
---@param words (string|number)[]
---@return { process: table, finish: fun(): spec.Outcome }
function command.start(words)
  local folder = command.folder()
  local given = words_of(words, folder .. "/reports")
  given.stdout, given.stderr = { file = folder .. "/stdout" }, { file = folder .. "/stderr" }
  local child = process.spawn(given)
  return {
    process = child,
    folder = folder,
    finish = function()
      local ended = child:wait(60)
      return outcome_of(ended, fs.read(folder .. "/stdout"), fs.read(folder .. "/stderr"), folder .. "/reports")
    end,
  }
end

return command
