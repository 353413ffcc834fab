--- A scenario's part of the page: its checks with their evidence, then its charts.
local h = require("scalerun.report.html.markup").element
local chart = require "scalerun.report.html.chart"
local comparison = require "scalerun.report.html.comparison"
local durations = require "scalerun.durations"
local families = require "scalerun.report.html.families"
local markup = require "scalerun.report.html.markup"
local matrix = require "scalerun.report.html.matrix"
local operations = require "scalerun.report.html.operations"
local overview = require "scalerun.report.html.overview"
local palette = require "scalerun.report.html.palette"
local shares = require "scalerun.report.html.shares"
local shown = require "scalerun.report.shown"
local text = require "scalerun.report.html.text"
local timeline = require "scalerun.report.html.timeline"

local function evidence(check)
  return h("ul", { class = "evidence" }, markup.each(check.evidence, function(item)
    return h("li", nil, item.text, item.repeated and h("small", nil, (" %d times"):format(item.repeated)))
  end))
end

local function check_row(check)
  local line = { overview.badge(check.verdict), h("span", { class = "name" }, check.name),
    h("span", { class = "observed" }, shown.value(check.observed)),
    check.expected ~= nil and h("span", { class = "expected" }, "expected ", shown.value(check.expected)) }
  if #check.evidence == 0 then
    return h("li", { class = "check" }, h("div", { class = "line" }, line))
  end
  return h("li", { class = "check" }, h("details", { open = check.verdict ~= "pass" },
    h("summary", { class = "line" }, line, h("span", { class = "more" }, text.count(#check.evidence, "item"),
      " of evidence")),
    evidence(check)))
end

local function errors_of(row)
  return #row.errors > 0 and h("div", { class = "errors" }, h("h3", nil, "Errors in the script"),
    markup.each(row.errors, function(err)
      return h("pre", { tabindex = "0" }, err.traceback and err.message ~= err.traceback
        and err.message .. "\n" .. err.traceback or err.message)
    end))
end

local function generator_of(found)
  if not found then
    return nil
  end
  local list = {}
  for _, pair in ipairs {
    { "late starts", found.late and text.number(found.late) },
    { "dropped", found.dropped and text.number(found.dropped) },
    { "start skew", found.start_skew_ms and text.ms(found.start_skew_ms) },
    { "longest collector pause", found.gc_longest_ms and text.ms(found.gc_longest_ms) },
    { "longest turn", found.loop_longest_ms and text.ms(found.loop_longest_ms) },
    { "CPU", found.cpu_share and ("%.0f %%"):format(found.cpu_share * 100) },
  } do
    if pair[2] then
      list[#list + 1] = h("span", nil, pair[1], " ", h("b", nil, pair[2]))
    end
  end
  return h("div", { class = "generator " .. found.verdict },
    h("b", nil, found.verdict == "valid" and "The load was as asked for" or "The load generator spoilt this run"), list,
    markup.each(found.findings, function(finding)
      return h("p", nil, finding.text or finding.name)
    end))
end

-- The turns of a comparison's arms stand together.
local function turns_of(row)
  local list, by_name = {}, {}
  for _, phase in ipairs(row.phases) do
    local one = phase.arm and by_name[phase.name]
    if not one then
      one = { name = phase.name, executor = phase.executor, duration = 0, arms = {}, rounds = 0 }
      list[#list + 1] = one
      by_name[phase.name] = one
    end
    one.duration = one.duration + phase.duration_s
    one.rounds = math.max(one.rounds, phase.round or 0)
    if phase.arm and not one.arms[phase.arm] then
      one.arms[phase.arm] = true
      one.arms[#one.arms + 1] = phase.arm
    end
  end
  return list
end

local function phases_of(row)
  local list = markup.each(turns_of(row), function(phase)
    local arms = #phase.arms > 0 and (", %s in turn, %s"):format(table.concat(phase.arms, " and "),
      text.count(phase.rounds, "round")) or ""
    return h("span", nil, ("%s%s: %s, %s"):format(phase.name, arms, phase.executor, durations.text(phase.duration)))
  end)
  return #list > 0 and h("p", { class = "facts" }, list)
end

local function steps_of(row)
  local rows = markup.each(row.steps, function(step)
    return { step.name, step.kind, text.number(step.ok + step.failed), text.number(step.failed),
      text.ms(step.latency_ms.mean), text.ms(step.latency_ms.p95),
      step.share and ("%.0f %% (declared %.0f %%)"):format(step.share * 100, (step.share_declared or 0) * 100) or "" }
  end)
  return #rows > 0 and h("details", { class = "more" }, h("summary", nil, "Steps of the workflow"),
    chart.table({ "Step", "kind", "count", "failed", "mean", "p95", "of the total" }, rows))
end

local function projects_of(row)
  local rows = markup.each(row.projects, function(project)
    local latency = project.latency_ms
    return { project.project_id, text.number(project.iterations), text.number(project.failed),
      text.number(project.requests), text.number(project.late or 0), text.number(project.dropped or 0),
      latency and text.ms(latency.mean) or "",
      latency and text.ms(latency.p95) or "", latency and text.ms(latency.p99) or "",
      project.id_collisions and text.number(project.id_collisions) or "" }
  end)
  return #rows > 0 and h("details", { class = "more" }, h("summary", nil, "Projects in numbers"),
    chart.table({ "Project", "iterations", "failed", "requests", "late", "dropped", "mean", "p95", "p99",
      "id collisions" }, rows))
end

local function looks_of(row)
  return markup.each(row.projects, function(_, index)
    return palette.look(index)
  end)
end

local function charts_of(row, looks)
  local projects = markup.each(row.projects, function(project, index)
    return { id = project.project_id, look = looks[index] }
  end)
  local first, more = operations.charts(row, looks)
  local charts = {
    markup.each(row.comparisons, comparison),
    markup.each(row.matrices, matrix),
    row.timeline and timeline(row.timeline, projects),
    markup.each(row.shares, shares),
    families.charts(row.series),
    first,
  }
  return charts, more, first ~= nil or row.timeline ~= nil
end

--- @param row table of report.json
---@param index integer
---@return table
return function(row, index)
  local looks = looks_of(row)
  local charts, more, by_project = charts_of(row, looks)
  local id = overview.anchor(index)
  return h("section", { class = "scenario", id = id, ["aria-labelledby"] = id .. "-title" },
    h("header", nil, overview.badge(row.verdict),
      h("h2", { id = id .. "-title" }, h("span", { class = "id" }, row.id), " ", row.title),
      h("span", { class = "took" }, durations.text(row.duration_s))),
    row.summary and h("p", { class = "summary" }, row.summary),
    h("p", { class = "covers" }, markup.each(row.covers, function(name)
      return h("span", { class = "tag" }, name)
    end), h("code", nil, row.script)),
    h("ol", { class = "checks" }, markup.each(row.checks, check_row)),
    errors_of(row), generator_of(row.generator), phases_of(row),
    by_project and palette.legend(markup.each(row.projects, function(project)
      return project.project_id
    end)),
    h("div", { class = "grid" }, charts), more, steps_of(row), projects_of(row))
end
