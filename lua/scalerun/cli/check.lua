--- scalerun check: tells what is wrong with scripts, without running them.
local check = require "scalerun.check"
local fs = require "scalerun.fs"
local paths = require "scalerun.cli.paths"
local status = require "scalerun.cli.status"

local command = {}

local function counted(count, word)
  return ("%d %s%s"):format(count, word, count == 1 and "" or "s")
end

--- @param parsed table
---@param usage fun(problem: string): integer
---@return integer exit_status
function command.run(parsed, usage)
  local files, problem = paths.expand(parsed.scripts, fs)
  if not files then
    return usage(problem)
  end
  local count = 0
  for _, result in ipairs(check.files(files)) do
    for _, one in ipairs(result.problems) do
      count = count + 1
      io.stdout:write(("%s:%s %s\n"):format(result.path, one.line and one.line .. ":" or "", one.message))
    end
  end
  io.stdout:flush()
  if not parsed.quiet then
    io.stderr:write(("scalerun: %s checked, %s\n"):format(counted(#files, "script"),
      count == 0 and "nothing found" or counted(count, "mistake")))
  end
  return count == 0 and status.PASS or status.SCRIPT
end

return command
