--- What a scenario found beside its checks: comparisons, shares, matrices and series over time.
local encode = require "scalerun.report.encode"
local units = require "scalerun.report.document.units"

local findings = {}

local function same(value)
  return value
end

-- Values of a comparison keep the unit that it names, but for seconds.
local function value_unit(unit)
  if unit == nil or unit == "s" then
    return "ms", units.ms
  end
  return unit, same
end

local function round_row(round, convert)
  return type(round) == "table" and units.map(round, convert) or convert(round)
end

local function arm_row(arm, convert)
  return encode.object {
    arm = arm.arm,
    values = units.map(arm.values, function(round)
      return round_row(round, convert)
    end),
  }
end

--- Baseline against load.
---@param comparison table
---@return table
function findings.comparison(comparison)
  local unit, convert = value_unit(comparison.unit)
  return encode.object {
    name = comparison.name,
    unit = unit,
    statistic = comparison.statistic,
    baseline = arm_row(comparison.baseline, convert),
    load = arm_row(comparison.load, convert),
    ratio = units.ratio(comparison.ratio),
    low = units.ratio(comparison.low),
    high = units.ratio(comparison.high),
    confidence = comparison.confidence,
    limit = units.ratio(comparison.limit),
    band = units.ratio(comparison.band),
    method = comparison.method,
    rounds = comparison.rounds,
    verdict = comparison.verdict,
  }
end

--- How requests spread over replicas.
---@param share table
---@return table
function findings.share(share)
  return encode.object {
    name = share.name,
    counts = encode.object(share.counts),
    expected = share.expected and encode.object(share.expected) or nil,
    p = units.ratio(share.p),
    verdict = share.verdict,
  }
end

--- Who could read whose data.
---@param matrix table
---@return table
function findings.matrix(matrix)
  return encode.object {
    name = matrix.name,
    rows = matrix.rows,
    columns = matrix.columns,
    cells = units.map(matrix.cells, function(row)
      return units.map(row, function(cell)
        return type(cell) == "table" and encode.object { attempts = cell.attempts, leaks = cell.leaks } or nil
      end)
    end),
  }
end

--- What a witness saw over time.
---@param series table
---@return table
function findings.series(series)
  return encode.object {
    name = series.name,
    unit = series.unit,
    source = series.source,
    limit = series.limit,
    points = units.map(series.points, function(point)
      return { units.s(point[1]), units.ratio(point[2]) }
    end),
  }
end

local function line_row(line)
  local count = line.count or {}
  local function latencies(list)
    local out = {}
    for index = 1, #count do
      out[index] = list and count[index] > 0 and list[index] or false
    end
    return units.map(out, units.ms)
  end
  return encode.object {
    count = units.map(count, same),
    failed = units.map(line.failed, same),
    p50_ms = latencies(line.p50),
    p95_ms = latencies(line.p95),
    max_ms = latencies(line.max),
  }
end

--- Throughput and latency of each project over time.
---@param timeline table?
---@return table?
function findings.timeline(timeline)
  if not timeline then
    return nil
  end
  local projects = {}
  for id, line in pairs(timeline.projects) do
    projects[id] = line_row(line)
  end
  return encode.object { interval_s = units.s(timeline.interval), projects = encode.object(projects) }
end

return findings
