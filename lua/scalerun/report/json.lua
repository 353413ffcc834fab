--- report.json: what a run showed, for programs. Its shape is part of what scalerun promises; a change that
--- readers would notice changes `schema`.
local encode = require "scalerun.report.encode"
local redact = require "scalerun.redact"

local report = {}

report.SCHEMA = "scalerun.report/1"

-- How people read: what it is and how it ended, before the details.
local ORDER = {
  "schema", "run", "target", "id", "title", "kind", "name", "text", "verdict", "summary", "scenarios", "observed",
  "expected", "evidence", "started", "duration_s", "script", "covers", "phases", "steps", "checks", "projects",
  "errors", "message", "traceback",
}

local function round(seconds)
  return seconds and math.floor(seconds * 1e6 + 0.5) / 1e6
end

local function latency(series)
  return encode.object {
    mean = round(series.mean),
    p50 = round(series.p50),
    p95 = round(series.p95),
    p99 = round(series.p99),
    max = round(series.max),
  }
end

local function series_of(ops)
  local out = {}
  for name, series in pairs(ops) do
    if type(series) == "table" then
      out[name] = encode.object {
        ok = series.ok,
        failed = series.failed,
        errors = encode.object(series.errors or {}),
        latency_s = latency(series),
      }
    end
  end
  return encode.object(out)
end

local function project_row(project)
  return encode.object {
    id = project.id,
    iterations = project.iterations,
    failed = project.failed,
    ops = series_of(project.ops),
  }
end

local function map(list, fn)
  local out = {}
  for index, item in ipairs(list or {}) do
    out[index] = fn(item)
  end
  return out
end

local function error_row(err)
  return encode.object {
    script = err.path,
    project = err.project,
    iteration = err.iteration,
    during = err.during,
    message = err.message,
    traceback = err.traceback,
  }
end

local function check_row(check)
  return encode.object {
    name = check.name,
    verdict = check.verdict,
    observed = check.observed,
    expected = check.expected,
    evidence = map(check.evidence, encode.object),
  }
end

local function phase_row(phase)
  return encode.object {
    name = phase.name,
    executor = phase.executor,
    duration_s = round(phase.duration),
    start_skew_s = round(phase.skew),
  }
end

local function step_row(step)
  return encode.object {
    kind = step.kind,
    name = step.name,
    ok = step.series.ok,
    failed = step.series.failed,
    latency_s = latency(step.series),
    share_declared = step.share,
    share = step.taken and math.floor(step.taken * 1e4 + 0.5) / 1e4,
  }
end

local function scenario_row(row)
  return encode.object {
    id = row.id,
    title = row.title,
    script = row.path,
    covers = row.covers,
    verdict = row.verdict,
    duration_s = round(row.duration),
    summary = row.summary,
    phases = map(row.phases, phase_row),
    steps = row.steps and #row.steps > 0 and map(row.steps, step_row) or nil,
    checks = map(row.checks, check_row),
    projects = map(row.projects, project_row),
    errors = map(row.errors, error_row),
  }
end

--- The report as a table, in the shape of the file.
---@param result table what run.execute returned
---@return table
function report.document(result)
  local counts = { pass = 0, fail = 0, inconclusive = 0 }
  local checks = { pass = 0, fail = 0, inconclusive = 0 }
  local number = 0
  for _, row in ipairs(result.scenarios) do
    counts[row.verdict] = counts[row.verdict] + 1
    for _, check in ipairs(row.checks) do
      checks[check.verdict] = checks[check.verdict] + 1
      number = number + 1
    end
  end
  return encode.object {
    schema = report.SCHEMA,
    run = encode.object {
      id = result.id,
      started = result.started,
      duration_s = round(result.duration),
      version = result.version,
      seed = result.seed,
      projects = result.projects,
      settings = encode.object(redact.settings(result.settings)),
      interrupted = result.signal ~= nil,
    },
    target = encode.object(result.target),
    verdict = result.verdict,
    summary = encode.object {
      text = result.text,
      exit_status = result.exit_status,
      scenarios = encode.object { total = #result.scenarios, pass = counts.pass, fail = counts.fail,
        inconclusive = counts.inconclusive },
      checks = encode.object { total = number, pass = checks.pass, fail = checks.fail,
        inconclusive = checks.inconclusive },
      errors = map(result.errors, error_row),
      unreachable = result.unreachable,
    },
    scenarios = map(result.scenarios, scenario_row),
  }
end

--- @param result table
---@param scrub fun(text: string): string takes secrets out
---@return string
function report.encode(result, scrub)
  return scrub(encode.pretty(report.document(result), ORDER))
end

return report
