--- Runs one of the shipped scenarios through the command line, and reads what its report says about each check.
local command = require "spec.support.command"

local acceptance = {}

---@class spec.Acceptance
---@field outcome spec.Outcome
---@field row table of the report
---@field checks table<string, table> by name
---@field failed string[] names of checks that failed, sorted
---@field undecided string[] those that were inconclusive

---@param path string
---@param ... string|number the command's other words
---@return spec.Acceptance
function acceptance.run(path, ...)
  local words = table.pack(...)
  words[#words + 1] = path
  local outcome = command.run(words, { timeout = 180 })
  assert(outcome.report, outcome.stdout .. outcome.stderr)
  local row = outcome.report.scenarios[1]
  local found = { outcome = outcome, row = row, checks = {}, failed = {}, undecided = {} }
  for _, check in ipairs(row.checks) do
    found.checks[check.name] = check
    local list = ({ fail = found.failed, inconclusive = found.undecided })[check.verdict]
    if list then
      list[#list + 1] = check.name
    end
  end
  table.sort(found.failed)
  table.sort(found.undecided)
  return found
end

--- Runs it in the quick profile under a fault, which every one of these checks has to find.
---@param path string
---@param fault string
---@param ... string names of checks
---@return spec.Acceptance
function acceptance.finds(path, fault, ...)
  local found = acceptance.run(path, "--profile", "quick", "--fault", fault)
  assert(found.outcome.status == 1, acceptance.text(found))
  for _, name in ipairs { ... } do
    assert(found.checks[name] and found.checks[name].verdict == "fail", name .. "\n" .. acceptance.text(found))
  end
  return found
end

--- All evidence of a check in one text.
---@param found spec.Acceptance
---@param name string
---@return string
function acceptance.evidence(found, name)
  local texts = {}
  for index, item in ipairs(found.checks[name].evidence) do
    texts[index] = item.text
  end
  return table.concat(texts, "\n")
end

--- What to show where an assertion does not hold.
---@param found spec.Acceptance
---@return string
function acceptance.text(found)
  return found.outcome.stdout .. found.outcome.stderr
end

return acceptance
