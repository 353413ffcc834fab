--- JUnit XML, as Jenkins' and GitLab's readers take it: a test suite for each scenario, a test case for each check.
--- What is inconclusive counts as an error, so that no reader takes it for a success.
local shown = require "scalerun.report.shown"

local junit = {}

junit.FILE = "junit.xml"

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["\n"] = "&#10;",
  ["\r"] = "&#13;", ["\t"] = "&#9;" }

-- XML 1.0 has no other control characters than these three, nor U+FFFE and U+FFFF.
local function escape(value)
  local text = tostring(value)
  if not utf8.len(text) then
    text = text:gsub("[\128-\255]", "?")
  end
  text = text:gsub("[%z\1-\8\11\12\14-\31]", "?"):gsub("\u{fffe}", "?"):gsub("\u{ffff}", "?")
  return (text:gsub('[&<>"\n\r\t]', entities))
end

local function attributes(list)
  local out = {}
  for index, pair in ipairs(list) do
    out[index] = (' %s="%s"'):format(pair[1], escape(pair[2]))
  end
  return table.concat(out)
end

local function seconds(value)
  return ("%.3f"):format(value)
end

local function details(check)
  local lines = { "observed: " .. shown.value(check.observed) }
  if check.expected ~= nil then
    lines[#lines + 1] = "expected: " .. shown.value(check.expected)
  end
  for _, item in ipairs(check.evidence) do
    lines[#lines + 1] = item.repeated and ("%s (%d times)"):format(item.text, item.repeated) or item.text
  end
  return table.concat(lines, "\n")
end

local outcomes = { fail = "failure", inconclusive = "error" }

local function case(out, row, check)
  local tag = outcomes[check.verdict]
  -- Checks are judged at once at the end: none has a time of its own, and Surefire's schema wants one.
  local head = ("    <testcase%s"):format(attributes { { "classname", "scalerun." .. row.id }, { "name", check.name },
    { "time", "0" } })
  if not tag then
    out[#out + 1] = head .. "/>"
    return
  end
  out[#out + 1] = ("%s>\n      <%s%s>%s</%s>\n    </testcase>"):format(head, tag,
    attributes { { "message", shown.check(check) }, { "type", check.verdict } }, escape(details(check)), tag)
end

local function tally(checks)
  local counts = { pass = 0, fail = 0, inconclusive = 0 }
  for _, check in ipairs(checks) do
    counts[check.verdict] = counts[check.verdict] + 1
  end
  return counts
end

local function suite(out, report, row)
  local counts = tally(row.checks)
  out[#out + 1] = ("  <testsuite%s>"):format(attributes { { "name", row.id .. " " .. row.title },
    { "tests", #row.checks }, { "failures", counts.fail }, { "errors", counts.inconclusive }, { "skipped", 0 },
    { "time", seconds(row.duration_s) }, { "timestamp", (report.run.started:gsub("%.?%d*Z$", "")) } })
  out[#out + 1] = "    <properties>"
  for _, id in ipairs(row.covers) do
    out[#out + 1] = ("      <property%s/>"):format(attributes { { "name", "covers" }, { "value", id } })
  end
  out[#out + 1] = ("      <property%s/>\n    </properties>"):format(attributes { { "name", "script" },
    { "value", row.script } })
  for _, check in ipairs(row.checks) do
    case(out, row, check)
  end
  local errors = {}
  for index, err in ipairs(row.errors) do
    errors[index] = err.traceback or err.message
  end
  if #errors > 0 then
    out[#out + 1] = ("    <system-err>%s</system-err>"):format(escape(table.concat(errors, "\n\n")))
  end
  out[#out + 1] = "  </testsuite>"
end

--- @param report table the document
---@return string
function junit.make(report)
  local checks = report.summary.checks
  local out = { '<?xml version="1.0" encoding="UTF-8"?>' }
  out[2] = ("<testsuites%s>"):format(attributes { { "name", "scalerun" }, { "tests", checks.total },
    { "failures", checks.fail }, { "errors", checks.inconclusive }, { "time", seconds(report.run.duration_s) } })
  for _, row in ipairs(report.scenarios) do
    suite(out, report, row)
  end
  out[#out + 1] = "</testsuites>\n"
  return table.concat(out, "\n")
end

return junit
