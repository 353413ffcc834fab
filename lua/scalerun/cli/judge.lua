--- scalerun judge: a stored run in, the same table out.
local control = require "scalerun.run.control"
local errors = require "scalerun.errors"
local judge = require "scalerun.stored.judge"
local reader = require "scalerun.stored.reader"
local run = require "scalerun.cli.run"
local status = require "scalerun.cli.status"

local command = {}

local function as_it_is(text)
  return text
end

--- @param parsed table what cli.options made of the command line
---@param usage fun(problem: string): integer tells what is wrong with the command line
---@return integer exit_status
function command.run(parsed, usage)
  local folder = parsed.folder:gsub("(.)/+$", "%1"):gsub("/report%.json$", "")
  local ok, stored = pcall(reader.read, folder)
  if not ok then
    local err = errors.describe(stored)
    if err.kind == "missing" then
      return usage(err.message)
    end
    io.stderr:write(("scalerun: %s\n"):format(err.message))
    return status.SCRIPT
  end
  parsed.projects, parsed.seed = stored.run.projects, stored.run.seed
  local output = run.output(parsed, as_it_is)
  if stored.ending.target then -- a run that reached none has no header either
    output.header(stored.ending.target)
  end
  local steering = control.new()
  local judged, result = pcall(judge.run, stored, folder, {
    scripts = parsed.script,
    control = steering,
    progress = output.progress,
    row = output.row,
  })
  output.progress:clear()
  if not judged then
    output.script_error(errors.describe(result))
    return status.SCRIPT
  end
  for _, err in ipairs(result.errors) do
    output.script_error(err)
  end
  result.exit_status, result.text = status.of(result)
  output.console:footer(result)
  io.stderr:write(("scalerun: %s\n"):format(result.text))
  return result.exit_status
end

return command
