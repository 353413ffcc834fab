--- scalerun compare: two stored runs in, what changed between them out.
local columns = require "scalerun.columns"
local compare = require "scalerun.report.compare"
local json_report = require "scalerun.report.json"
local status = require "scalerun.cli.status"
local text = require "scalerun.report.html.text"

local command = {}

local function cells_of(row)
  local interval = row.low and ("%+.1f…%+.1f %%"):format((row.low - 1) * 100, (row.high - 1) * 100) or "no interval"
  return { row.scenario, row.name, row.statistic, text.value(row.first, row.unit), text.value(row.second, row.unit),
    ("%+.1f %%"):format((row.ratio - 1) * 100), interval, row.verdict or "" }
end

local function print_rows(rows)
  local lines = { { "", "operation", "", "first", "second", "change", "95 % interval", "" } }
  for index, row in ipairs(rows) do
    lines[index + 1] = cells_of(row)
  end
  local widths = columns.widths(lines)
  for _, cells in ipairs(lines) do
    local out = {}
    for column, cell in ipairs(cells) do
      out[column] = columns.pad(cell, widths[column], column >= 4 and column <= 7)
    end
    io.stdout:write((" " .. table.concat(out, "  "):gsub("%s+$", "")), "\n")
  end
end

-- How many are past the limit for certain, perhaps, and how many might be although they are not.
local function tally(rows, limit)
  local certain, perhaps, open = 0, 0, 0
  for _, row in ipairs(rows) do
    if row.verdict == "fail" then
      certain = certain + 1
    elseif row.ratio > 1 + limit then
      perhaps = perhaps + 1
    elseif row.verdict == "inconclusive" then
      open = open + 1
    end
  end
  return certain, perhaps, open
end

local function end_with(code, words)
  io.stderr:write(("scalerun: %s\n"):format(words))
  return code
end

local function conclude(rows, limit)
  if #rows == 0 then
    return end_with(status.INCONCLUSIVE, "not comparable: no operation has its histogram in both runs")
  elseif not limit then
    return end_with(status.PASS, ("%d values compared"):format(#rows))
  end
  local certain, perhaps, open = tally(rows, limit)
  local of = ("of %d values"):format(#rows)
  if certain > 0 then
    return end_with(status.FAIL, ("fail: %d %s are past %g %% with their whole interval"):format(certain, of,
      limit * 100))
  elseif perhaps > 0 then
    return end_with(status.INCONCLUSIVE, ("inconclusive: %d %s are past %g %%, their intervals are not"):format(perhaps,
      of, limit * 100))
  end
  return end_with(status.PASS, ("pass: none %s is past %g %%%s"):format(of, limit * 100,
    open > 0 and ("; the intervals of %d reach beyond"):format(open) or ""))
end

--- @param parsed table what cli.options made of the command line
---@param usage fun(problem: string): integer tells what is wrong with the command line
---@return integer exit_status
function command.run(parsed, usage)
  local first, problem = json_report.read(parsed.first)
  local second
  if first then
    second, problem = json_report.read(parsed.second)
  end
  if not second then
    return usage(problem)
  end
  problem = compare.problem(first.document, second.document)
  if problem then
    return end_with(status.INCONCLUSIVE, "not comparable: " .. problem)
  end
  local rows, skipped = compare.rows(first.document, second.document, parsed.limit)
  io.stdout:write(("first %s · second %s\n\n"):format(first.document.run.id, second.document.run.id))
  print_rows(rows)
  for _, one in ipairs(skipped) do
    io.stdout:write(("\n %s is left out: %s\n"):format(one.scenario, one.reason))
  end
  return conclude(rows, parsed.limit)
end

return command
