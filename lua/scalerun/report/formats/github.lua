--- Annotations of GitHub Actions: an error for each failed check, a warning for each inconclusive one.
local shown = require "scalerun.report.shown"

local github = {}

github.FILE = "annotations.txt"

-- As the runner's own toolkit escapes: a line feed would end the command, and a percent sign begins an escape.
local function data(value)
  return (tostring(value):gsub("%%", "%%25"):gsub("\r", "%%0D"):gsub("\n", "%%0A"))
end

local function property(value)
  return (data(value):gsub(":", "%%3A"):gsub(",", "%%2C"))
end

-- GitHub knows files by their path in the repository.
local function in_repository(file)
  local root = (os.getenv "GITHUB_WORKSPACE" or ""):gsub("/+$", "") .. "/"
  return #root > 1 and file:sub(1, #root) == root and file:sub(#root + 1) or file
end

local function annotation(level, file, title, message)
  file = in_repository(file)
  return ("::%s file=%s,title=%s::%s\n"):format(level, property(file), property(title), data(message))
end

local levels = { fail = "error", inconclusive = "warning" }

local function message_of(check)
  local lines = { shown.check(check) }
  lines[#lines + 1] = check.evidence[1] and check.evidence[1].text
  return table.concat(lines, "\n")
end

local function add_errors(out, errors, script)
  for _, err in ipairs(errors) do
    out[#out + 1] = annotation("error", err.script or script or "", "error in a script", err.message)
  end
end

--- @param report table the document
---@return string
function github.make(report)
  local out = {}
  add_errors(out, report.summary.errors)
  for _, row in ipairs(report.scenarios) do
    for _, check in ipairs(row.checks) do
      if levels[check.verdict] then
        out[#out + 1] = annotation(levels[check.verdict], row.script, ("%s: %s"):format(row.id, check.name),
          message_of(check))
      end
    end
    add_errors(out, row.errors, row.script)
  end
  return table.concat(out)
end

return github
