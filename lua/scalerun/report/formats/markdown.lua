--- Markdown, for a comment on a pull request or a job's summary.
local durations = require "scalerun.durations"
local shown = require "scalerun.report.shown"
local text = require "scalerun.report.html.text"

local markdown = {}

markdown.FILE = "report.md"

local EVIDENCE_SHOWN = 5
local SIGNS = { pass = "✅", fail = "❌", inconclusive = "❔" }

-- One line of text that stays text: no table cell, link, image, mention or markup of HTML is made of it.
local function escape(value)
  local line = shown.value(value):gsub("[%c]+", " ")
  return (line:gsub("[\\`*_{}%[%]#|~!@]", "\\%0"):gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;"))
end

local function requirements(out, report)
  if #report.requirements == 0 then
    return
  end
  out[#out + 1] = "\n| Requirement | Scenarios | Verdict |\n|---|---|---|"
  for _, one in ipairs(report.requirements) do
    out[#out + 1] = ("| %s | %s | %s %s |"):format(escape(one.id), escape(table.concat(one.scenarios, ", ")),
      SIGNS[one.verdict], one.verdict)
  end
end

local function scenarios(out, report)
  out[#out + 1] = "\n| Scenario | | Verdict | Time | |\n|---|---|---|---|---|"
  for _, row in ipairs(report.scenarios) do
    out[#out + 1] = ("| %s | %s | %s %s | %s | %s |"):format(escape(row.id), escape(row.title), SIGNS[row.verdict],
      row.verdict, durations.text(row.duration_s), escape(row.summary or ""))
  end
end

local function open_check(out, check)
  out[#out + 1] = ("- %s **%s**: observed %s%s"):format(SIGNS[check.verdict], escape(check.name),
    escape(check.observed), check.expected ~= nil and ", expected " .. escape(check.expected) or "")
  for index, item in ipairs(check.evidence) do
    if index > EVIDENCE_SHOWN then
      out[#out + 1] = ("  - and %d more in the report"):format(#check.evidence - EVIDENCE_SHOWN)
      break
    end
    out[#out + 1] = "  - " .. escape(item.text)
  end
end

local function why(out, report)
  for _, row in ipairs(report.scenarios) do
    if row.verdict ~= "pass" then
      out[#out + 1] = ("\n### %s %s\n"):format(escape(row.id), escape(row.title))
      for _, check in ipairs(row.checks) do
        if check.verdict ~= "pass" then
          open_check(out, check)
        end
      end
      for _, err in ipairs(row.errors) do
        out[#out + 1] = "- error in the script: " .. escape(err.message)
      end
    end
  end
  for _, err in ipairs(report.summary.errors) do
    out[#out + 1] = "\n- error in a script: " .. escape(err.message)
  end
end

--- @param report table the document
---@return string
function markdown.make(report)
  local run, checks = report.run, report.summary.checks
  local out = { ("## %s scalerun: %s"):format(SIGNS[report.verdict], escape(report.summary.text)) }
  out[2] = ("\n%s, %d of %s held · %s · seed %d · %s"):format(text.count(#run.projects, "project"), checks.pass,
    text.count(checks.total, "check"), durations.text(run.duration_s), run.seed, escape(run.id))
  requirements(out, report)
  scenarios(out, report)
  why(out, report)
  return table.concat(out, "\n") .. "\n"
end

return markdown
