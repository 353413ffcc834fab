--- The run in a few numbers: counts of verdicts, what the scenarios' facts come to, and which requirement holds.
local encode = require "scalerun.report.encode"
local scenario = require "scalerun.report.document.scenario"
local units = require "scalerun.report.document.units"
local verdict = require "scalerun.judge.verdict"

local summary = {}

local function tally(rows)
  local counts = { total = #rows, pass = 0, fail = 0, inconclusive = 0 }
  for _, row in ipairs(rows) do
    counts[row.verdict] = counts[row.verdict] + 1
  end
  return encode.object(counts)
end

local function total(found)
  return type(found) == "table" and found.total or found
end

-- How a fact of one more scenario changes the run's: the worst case stands.
local combine = {}

function combine.isolation(known, found)
  return verdict.worst { known or found, found }
end

function combine.id_collisions(known, found)
  return (known or 0) + (total(found) or 0)
end

function combine.degradation(known, found)
  local one = encode.object {
    ratio_percent = units.percent(found.ratio),
    low_percent = units.percent(found.low),
    high_percent = units.percent(found.high),
    limit_percent = units.percent(found.limit),
  }
  return known and (known.ratio_percent or 0) > (one.ratio_percent or 0) and known or one
end

function combine.cache_hit_rate(known, found)
  return math.min(known or found, units.ratio(found))
end

function combine.connections(known, found)
  if known and known.most > found.most then
    return known
  end
  return encode.object { most = found.most, limit = found.limit }
end

function combine.replica_shares(_, found)
  local shares = {}
  for name, share in pairs(found) do
    shares[name] = units.ratio(share)
  end
  return encode.object(shares)
end

local function facts_of(rows)
  local facts = {}
  for _, row in ipairs(rows) do
    for name, found in pairs(row.facts or {}) do
      if combine[name] then
        facts[name] = combine[name](facts[name], found)
      end
    end
  end
  return facts
end

--- @param result table what run.execute returned
---@return table
function summary.document(result)
  local checks = {}
  for _, row in ipairs(result.scenarios) do
    table.move(row.checks, 1, #row.checks, #checks + 1, checks)
  end
  local document = facts_of(result.scenarios)
  document.text = result.text
  document.exit_status = result.exit_status
  document.scenarios = tally(result.scenarios)
  document.checks = tally(checks)
  document.errors = units.map(result.errors, scenario.error)
  document.unreachable = result.unreachable
  return encode.object(document)
end

-- A requirement that single checks cover is judged by these, one of the whole scenario by all of its checks.
local function covered(row)
  local verdicts = {}
  for _, id in ipairs(row.covers or {}) do
    verdicts[id] = { row.verdict }
  end
  for _, check in ipairs(row.checks) do
    for _, id in ipairs(check.covers or {}) do
      verdicts[id] = verdicts[id] or {}
      table.insert(verdicts[id], check.verdict)
    end
  end
  return verdicts
end

--- Requirement → scenarios → verdict, in the order of their names.
---@param rows scalerun.Row[]
---@return table[]
function summary.requirements(rows)
  local by_id, list = {}, {}
  for _, row in ipairs(rows) do
    for id, verdicts in pairs(covered(row)) do
      local one = by_id[id]
      if not one then
        one = encode.object { id = id, scenarios = {} }
        by_id[id] = one
        list[#list + 1] = one
      end
      table.insert(one.scenarios, row.id)
      one.verdict = verdict.worst { one.verdict or verdict.worst(verdicts), verdict.worst(verdicts) }
    end
  end
  table.sort(list, function(a, b)
    return a.id < b.id
  end)
  return list
end

--- Whether the load of all scenarios was what it was meant to be; nil where nobody looked.
---@param rows scalerun.Row[]
---@return table?
function summary.generator(rows)
  local findings, known, valid = {}, false, true
  for _, row in ipairs(rows) do
    if row.generator then
      known = true
      valid = valid and row.generator.verdict == "valid"
      for _, finding in ipairs(scenario.generator(row.generator).findings) do
        finding.scenario = row.id
        findings[#findings + 1] = finding
      end
    end
  end
  return known and encode.object { verdict = valid and "valid" or "invalid", findings = findings } or nil
end

return summary
