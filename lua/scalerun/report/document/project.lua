--- What one project did, in the shape of report.json.
local encode = require "scalerun.report.encode"
local units = require "scalerun.report.document.units"

local project_rows = {}

-- The host's own series: the time of whole iterations.
local ITERATION = "iteration"
-- And how late they began, which is no operation.
local LATENESS = "lateness"

--- A series' numbers in milliseconds.
---@param series { mean: number, p50: number, p95: number, p99: number, p999: number?, max: number }
---@return table
function project_rows.latency(series)
  return encode.object {
    mean = units.ms(series.mean),
    p50 = units.ms(series.p50),
    p95 = units.ms(series.p95),
    p99 = units.ms(series.p99),
    p999 = units.ms(series.p999),
    max = units.ms(series.max),
  }
end

local function op_row(name, series, metrics)
  return encode.object {
    ok = series.ok,
    failed = series.failed,
    errors = encode.object(series.errors or {}),
    latency_ms = project_rows.latency(series),
    scheduled_ms = series.scheduled and project_rows.latency(series.scheduled) or nil,
    histogram = metrics and metrics:histogram(name) or nil,
  }
end

-- Failures of all operations, by kind. An iteration fails because an operation did: it is not counted again.
local function errors_of(ops)
  local sums = encode.object {}
  for name, series in pairs(ops) do
    if type(series) == "table" and name ~= ITERATION then
      for kind, count in pairs(series.errors or {}) do
        sums[kind] = (sums[kind] or 0) + count
      end
    end
  end
  return sums
end

--- @param project { id: string, iterations: integer, failed: integer, ops: scale.Ops, metrics: userdata? }
---@param collisions integer? ids of this project that another request was given too
---@return table
function project_rows.row(project, collisions)
  local ops = {}
  for name, series in pairs(project.ops) do
    if type(series) == "table" and name ~= LATENESS then
      ops[name] = op_row(name, series, project.metrics)
    end
  end
  local iteration = rawget(project.ops, ITERATION)
  return encode.object {
    project_id = project.id,
    iterations = project.iterations,
    failed = project.failed,
    late = project.late,
    dropped = project.dropped,
    requests = project.ops.count or 0,
    id_collisions = collisions,
    errors = errors_of(project.ops),
    latency_ms = iteration and project_rows.latency(iteration) or nil,
    ops = encode.object(ops),
  }
end

return project_rows
