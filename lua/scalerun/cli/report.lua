--- scalerun report: a stored run in, its reports out, in the forms that are wanted.
local formats = require "scalerun.report.formats"
local fs = require "scalerun.fs"
local json_report = require "scalerun.report.json"
local status = require "scalerun.cli.status"

local command = {}

local function complain(problem)
  io.stderr:write(("scalerun: %s\n"):format(problem))
  return status.SCRIPT
end

local function write_all(stored, names, folder)
  for _, name in ipairs(names) do
    local text, problem = formats.make(name, stored)
    if not text then
      return complain(problem)
    end
    local path = ("%s/%s"):format(folder, formats.file(name))
    local ok, err = pcall(fs.write, path, text)
    if not ok then
      return complain(type(err) == "table" and err.message or err)
    end
    io.stdout:write(path, "\n")
  end
  return status.PASS
end

--- @param parsed table what cli.options made of the command line
---@param usage fun(problem: string): integer tells what is wrong with the command line
---@return integer exit_status
function command.run(parsed, usage)
  local stored, problem = json_report.read(parsed.folder)
  if not stored then
    return usage(problem)
  elseif parsed.output ~= "-" then
    local folder = parsed.output or stored.folder
    local ok, err = pcall(fs.mkdir, folder)
    return ok and write_all(stored, parsed.format, folder) or complain(type(err) == "table" and err.message or err)
  end
  local text
  text, problem = formats.make(parsed.format[1], stored)
  if not text then
    return complain(problem)
  end
  io.stdout:write(text)
  return status.PASS
end

return command
