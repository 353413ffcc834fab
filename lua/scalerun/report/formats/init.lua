--- The forms that one report.json takes. Each is a table with FILE, its name in the run's folder, and
--- make(document, folder, text) → the form, or nil and why not; text is report.json itself.
local html = require "scalerun.report.html"

local formats = {}

---@type table<string, { FILE: string, make: fun(document: table, folder: string?, text: string?): string?, string? }>
local known = {
  csv = require "scalerun.report.formats.csv",
  github = require "scalerun.report.formats.github",
  html = { FILE = "report.html", make = html.make },
  json = {
    FILE = "report.json",
    make = function(_, _, text)
      return text
    end,
  },
  junit = require "scalerun.report.formats.junit",
  markdown = require "scalerun.report.formats.markdown",
  prometheus = require "scalerun.report.formats.prometheus",
}

formats.NAMES = require("scalerun.names").sorted(known)

--- The names in a list with commas.
---@param text string "html,junit"
---@return string[]? names
---@return string? problem
function formats.parse(text)
  local names = {}
  for name in (text .. ","):gmatch("%s*([^,]*),") do
    if not known[name] then
      return nil, ("there is no format '%s'; there are %s"):format(name, table.concat(formats.NAMES, ", "))
    end
    names[#names + 1] = name
  end
  return names
end

--- The name of its file.
---@param name string
---@return string
function formats.file(name)
  return known[name].FILE
end

--- @param name string
---@param report scalerun.StoredReport
---@return string? text
---@return string? problem
function formats.make(name, report)
  return known[name].make(report.document, report.folder, report.text)
end

return formats
