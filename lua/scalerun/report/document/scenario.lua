--- One scenario, in the shape of report.json.
local encode = require "scalerun.report.encode"
local findings = require "scalerun.report.document.findings"
local fs = require "scalerun.fs"
local project_rows = require "scalerun.report.document.project"
local units = require "scalerun.report.document.units"

local scenario = {}

-- Scripts below the current folder go by their path in it: a report says nothing of where it was checked out.
local function shown(path)
  local here = fs.realpath(".") .. "/"
  return path and path:sub(1, #here) == here and path:sub(#here + 1) or path
end

--- A mistake of a script.
---@param err table
---@return table
function scenario.error(err)
  return encode.object {
    script = shown(err.path),
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
    covers = check.covers,
    evidence = units.map(check.evidence, encode.object),
  }
end

local function phase_row(phase)
  return encode.object {
    name = phase.name,
    executor = phase.executor,
    arm = phase.arm,
    round = phase.round,
    projects = phase.projects,
    duration_s = units.s(phase.duration),
    start_skew_s = units.s(phase.skew),
    iterations = phase.iterations,
    failed = phase.failed,
    late = phase.late,
    dropped = phase.dropped,
    warmup_iterations = phase.warmup and phase.warmup.iterations or nil,
    lateness_ms = phase.lateness and phase.lateness.count > 0 and project_rows.latency(phase.lateness) or nil,
  }
end

local function step_row(step)
  return encode.object {
    kind = step.kind,
    name = step.name,
    ok = step.series.ok,
    failed = step.series.failed,
    latency_ms = project_rows.latency(step.series),
    share_declared = step.share,
    share = units.ratio(step.taken),
  }
end

local function finding_row(finding)
  return encode.object {
    name = finding.name,
    observed = finding.observed,
    limit = finding.limit,
    text = finding.text,
  }
end

--- Whether the load was what it was meant to be.
---@param generator table?
---@return table?
function scenario.generator(generator)
  return generator and encode.object {
    verdict = generator.verdict,
    findings = units.map(generator.findings, finding_row),
    iterations = generator.iterations,
    late = generator.late,
    dropped = generator.dropped,
    start_skew_ms = units.ms(generator.start_skew),
    gc_longest_ms = units.ms(generator.gc_longest),
    loop_longest_ms = units.ms(generator.loop_longest),
    cpu_share = units.ratio(generator.cpu_share),
  } or nil
end

-- By name, so that two reports of the same run are equal.
local function in_order(series)
  local list = {}
  for _, one in pairs(series or {}) do
    list[#list + 1] = one
  end
  table.sort(list, function(a, b)
    return a.name < b.name
  end)
  return list
end

-- Found ids that were given twice: a number for the whole scenario, or one for each project.
local function collisions_of(facts)
  local found = facts and facts.id_collisions
  return type(found) == "table" and found.projects or {}
end

--- @param row scalerun.Row
---@return table
function scenario.row(row)
  local collisions = collisions_of(row.facts)
  return encode.object {
    id = row.id,
    title = row.title,
    script = shown(row.path),
    covers = row.covers or {},
    verdict = row.verdict,
    duration_s = units.s(row.duration),
    summary = row.summary,
    workflow = row.workflow,
    generator = scenario.generator(row.generator),
    phases = units.map(row.phases, phase_row),
    steps = row.steps and #row.steps > 0 and units.map(row.steps, step_row) or nil,
    checks = units.map(row.checks, check_row),
    projects = units.map(row.projects, function(project)
      return project_rows.row(project, collisions[project.id])
    end),
    timeline = findings.timeline(row.timeline),
    series = row.series and units.map(in_order(row.series), findings.series) or nil,
    comparisons = row.comparisons and units.map(row.comparisons, findings.comparison) or nil,
    shares = row.shares and units.map(row.shares, findings.share) or nil,
    matrices = row.matrices and units.map(row.matrices, findings.matrix) or nil,
    errors = units.map(row.errors, scenario.error),
  }
end

return scenario
