--- The table of results on stdout, for people.
local columns = require "scalerun.columns"
local durations = require "scalerun.durations"
local shown = require "scalerun.report.shown"

---@class scalerun.Console
local Console = {}
Console.__index = Console

local console = {}

local EVIDENCE_SHOWN = 5
local TITLE_MAX = 40

local colours = { pass = "32", fail = "31", inconclusive = "33", dim = "2", bold = "1" }

---@param options { write: fun(text: string), colour: boolean, verbose: boolean, title_width: integer? }
---@return scalerun.Console
function console.new(options)
  return setmetatable({
    write = options.write,
    colour = options.colour,
    verbose = options.verbose,
    title_width = math.min(options.title_width or 30, TITLE_MAX),
  }, Console)
end

function Console:paint(text, name)
  return self.colour and ("\27[%sm%s\27[0m"):format(colours[name], text) or text
end

local function pad_left(text, width)
  return (" "):rep(width - #text) .. text
end

--- "scalerun 0.1.0 · 5 projects · sandbox: PostgreSQL 15.18 · seed 42"
---@param header { version: string, projects: string[], target: string, seed: integer }
function Console:header(header)
  local count = #header.projects
  self.write(("scalerun %s · %d project%s · %s · seed %d\n\n"):format(
    header.version, count, count == 1 and "" or "s", header.target, header.seed))
end

-- What the row says: the scenario's own words, else what its checks observed.
local function summary_of(row)
  local list = {}
  for _, check in ipairs(row.checks) do
    if check.verdict == row.verdict then
      list[#list + 1] = row.verdict == "pass" and shown.value(check.observed) or check.name
    end
  end
  if row.verdict == "pass" and row.summary then
    return row.summary
  elseif #list == 0 then
    return row.errors and #row.errors > 0 and "the script failed" or "nothing was checked"
  end
  local text = table.concat(list, ", ", 1, math.min(#list, 3))
  return #list > 3 and ("%s and %d more"):format(text, #list - 3) or text
end

function Console:check(check)
  self.write(("     %s  %s: %s\n"):format(self:paint(check.verdict, check.verdict), check.name, shown.check(check)))
  if check.verdict == "pass" then
    return
  end
  for index, item in ipairs(check.evidence) do
    if index > EVIDENCE_SHOWN and not self.verbose then
      self.write(("           … %d more in the report\n"):format(#check.evidence - EVIDENCE_SHOWN))
      break
    end
    self.write(("           %s%s\n"):format(item.text, item.repeated and (" (%d times)"):format(item.repeated) or ""))
  end
end

-- Lines of a traceback that lie in scalerun's own machinery say nothing about the script.
local function is_inside(line)
  return line:find("^%s*%[C%]: in ") ~= nil or line:find("^%s*scalerun/worker%.lua:") ~= nil
end

--- An error of a script: what, where, and how it came there.
---@param err { message: string, project: string?, iteration: integer?, during: string?, traceback: string? }
function Console:script_error(err)
  local where = err.project and ("project %s, iteration %s"):format(err.project, err.iteration or "?") or err.during
  self.write(("     %s  %s%s\n"):format(self:paint("error", "fail"), where and where .. ": " or "", err.message))
  for line in (err.traceback or ""):gmatch("[^\n]+") do
    if line ~= err.message and not is_inside(line) then
      self.write(("           %s\n"):format(line))
    end
  end
end

-- The same mistake in every project is one mistake.
local function grouped(errors)
  local list, by_text = {}, {}
  for _, err in ipairs(errors) do
    local key = ("%s\n%s"):format(err.message, err.traceback)
    if by_text[key] then
      by_text[key].times = by_text[key].times + 1
    else
      by_text[key] = { err = err, times = 1 }
      list[#list + 1] = by_text[key]
    end
  end
  return list
end

local labels = { workflow = "total", service = "service (total less thinking)" }

-- The way that was walked, a line for each step; a mean where there were several.
function Console:steps(rows)
  local width, number, names = 0, 0, {}
  for index, row in ipairs(rows) do
    names[index] = labels[row.kind] or row.kind == "think" and "thinking: " .. row.name or row.name
    width = math.max(width, columns.width(names[index]))
  end
  for index, row in ipairs(rows) do
    local series, notes = row.series, {}
    number = number + (row.kind == "step" and 1 or 0)
    if series.count > 1 then
      notes[#notes + 1] = ("mean of %d, p95 %.1f ms"):format(series.count, series.p95 * 1000)
    end
    if row.taken then
      notes[#notes + 1] = ("%.0f %% of the total, declared %.0f %%"):format(row.taken * 100, row.share * 100)
    end
    if series.failed > 0 then
      notes[#notes + 1] = self:paint(("%d failed"):format(series.failed), "fail")
    end
    self.write(("     %s  %s  %s%s\n"):format(
      pad_left(row.kind == "step" and tostring(number) or "", 3), columns.pad(names[index], width),
      pad_left(("%.1f ms"):format(series.mean * 1000), 10),
      #notes > 0 and "  " .. table.concat(notes, ", ") or ""))
  end
end

--- A scenario's line, and below it what did not hold.
---@param row table
function Console:row(row)
  self.write((" %s %s %s %s  %s\n"):format(
    columns.pad(row.id, 3),
    columns.pad(row.title, self.title_width),
    self:paint(columns.pad(row.verdict, 12), row.verdict),
    pad_left(durations.text(row.duration), 7),
    summary_of(row)
  ))
  if row.steps and (row.workflow or self.verbose) then
    self:steps(row.steps)
  end
  for _, check in ipairs(row.checks) do
    if check.verdict ~= "pass" or self.verbose then
      self:check(check)
    end
  end
  for _, group in ipairs(grouped(row.errors)) do
    self:script_error(group.err)
    if group.times > 1 then
      self.write(("           %d times in all\n"):format(group.times))
    end
  end
end

--- The last line of the table.
---@param result table
---@param path string? of the report
function Console:footer(result, path)
  local checks = 0
  for _, row in ipairs(result.scenarios) do
    checks = checks + #row.checks
  end
  local count = #result.scenarios
  self.write(("\nverdict %s · %d scenario%s, %d check%s · %s%s\n"):format(
    self:paint(result.verdict, result.verdict), count, count == 1 and "" or "s", checks, checks == 1 and "" or "s",
    durations.text(result.duration), path and " · " .. path or ""))
end

return console
