--- The first screen: the verdict, the requirements, what failed and why, and the run in a few numbers.
local h = require("scalerun.report.html.markup").element
local markup = require "scalerun.report.html.markup"
local durations = require "scalerun.durations"
local names = require "scalerun.names"
local shown = require "scalerun.report.shown"
local text = require "scalerun.report.html.text"

local overview = {}

local ICONS = { pass = "✓", fail = "✕", inconclusive = "?" }

--- The verdict as colour, sign and word.
---@param verdict string
---@param class string?
---@return table
function overview.badge(verdict, class)
  return h("span", { class = ("badge %s %s"):format(verdict, class or "") },
    h("i", { ["aria-hidden"] = "true" }, ICONS[verdict]), " ", verdict)
end

--- Where a scenario stands in the page.
---@param index integer
---@return string
function overview.anchor(index)
  return "scenario-" .. index
end

local function link(report, id)
  for index, row in ipairs(report.scenarios) do
    if row.id == id then
      return h("a", { href = "#" .. overview.anchor(index), title = row.title }, id)
    end
  end
  return id
end

local function spaced(list)
  local out = {}
  for index, item in ipairs(list) do
    out[#out + 1] = index > 1 and " " or nil
    out[#out + 1] = item
  end
  return out
end

local function requirements(report)
  if #report.requirements == 0 then
    return nil
  end
  return h("section", { class = "card", ["aria-labelledby"] = "requirements" },
    h("h2", { id = "requirements" }, "Requirements"),
    h("table", { class = "requirements" },
      h("thead", nil, h("tr", nil, h("th", { scope = "col" }, "Requirement"), h("th", { scope = "col" }, "Scenarios"),
        h("th", { scope = "col" }, "Verdict"))),
      h("tbody", nil, markup.each(report.requirements, function(one)
        local links = markup.each(one.scenarios, function(id)
          return link(report, id)
        end)
        return h("tr", nil, h("th", { scope = "row" }, one.id), h("td", nil, spaced(links)),
          h("td", nil, overview.badge(one.verdict)))
      end))))
end

local function scenarios(report)
  return h("section", { class = "card", ["aria-labelledby"] = "scenarios" },
    h("h2", { id = "scenarios" }, "Scenarios"),
    h("ol", { class = "scenarios" }, markup.each(report.scenarios, function(row, index)
      return h("li", nil, h("a", { href = "#" .. overview.anchor(index) },
        h("b", nil, row.id), h("span", { class = "title" }, row.title), overview.badge(row.verdict),
        h("span", { class = "took" }, durations.text(row.duration_s))))
    end)))
end

local function open_check(check)
  local first = check.evidence[1]
  return h("li", nil, overview.badge(check.verdict), " ", h("b", nil, check.name),
    h("p", nil, "observed ", h("em", nil, shown.value(check.observed)),
      check.expected ~= nil and { ", expected ", h("em", nil, shown.value(check.expected)) }),
    first and h("p", { class = "because" }, first.text))
end

local function script_errors(errors)
  return markup.each(errors, function(err)
    return h("li", nil, h("span", { class = "badge fail" }, "error"), " ", h("b", nil, "error in a script"),
      h("p", nil, err.message))
  end)
end

-- What the generator says of itself; checks of time that it spoils are open and told of as such.
local function generator(report)
  local findings = report.generator and report.generator.findings or {}
  if #findings == 0 then
    return nil
  end
  return {
    h("h3", nil, "The load generator was at its limit"),
    h("ul", nil, markup.each(findings, function(finding)
      return h("li", nil, finding.scenario and { link(report, finding.scenario), ", " }, finding.text or finding.name)
    end)),
    h("p", nil, "There, a check of a time is inconclusive. What does not depend on time is judged all the same."),
  }
end

-- What did not hold, the failures of all scenarios first.
local function why(report)
  local parts = {}
  for _, verdict in ipairs { "fail", "inconclusive" } do
    for index, row in ipairs(report.scenarios) do
      local open = markup.each(row.checks, function(check)
        return check.verdict == verdict and open_check(check)
      end)
      local errors = verdict == "inconclusive" and script_errors(row.errors) or {}
      if #open + #errors > 0 then
        parts[#parts + 1] = h("li", { class = "of" }, h("a", { href = "#" .. overview.anchor(index) }, row.id, "  ",
          row.title), h("ul", nil, open, errors))
      end
    end
  end
  local nothing = #parts == 0 and #report.summary.errors == 0
  return h("section", { class = "card why", ["aria-labelledby"] = "why" },
    h("h2", { id = "why" }, nothing and "Everything held" or "What did not hold, and why"),
    report.summary.unreachable and h("p", nil, report.summary.unreachable),
    nothing and h("p", nil, ("All %s passed."):format(text.count(report.summary.checks.total, "check")))
      or h("ul", nil, script_errors(report.summary.errors), parts),
    generator(report))
end

local function tile(name, value, note, state)
  return h("div", { class = "tile " .. (state or "") }, h("dt", nil, name), h("dd", nil, value,
    note and h("small", nil, note)))
end

local function degradation(found)
  if not (found and found.ratio_percent) then
    return nil
  end
  local limit = found.limit_percent
  local over = limit and found.low_percent and found.low_percent > limit
  local under = limit and found.high_percent and found.high_percent <= limit
  local interval = found.low_percent and ("%+.1f…%+.1f\u{a0}%% (95\u{a0}%%)"):format(found.low_percent,
    found.high_percent) or ""
  return tile("degradation", text.change(found.ratio_percent),
    { interval, limit and { h("br"), ("limit %s"):format(text.change(limit)) } },
    over and "fail" or under and "pass" or limit and "inconclusive")
end

local function shares(found)
  local replicas, values = names.sorted(found), {}
  for index, name in ipairs(replicas) do
    values[index] = ("%.1f"):format(found[name] * 100)
  end
  return tile("replica shares", table.concat(values, " / ") .. " %", table.concat(replicas, " / "))
end

local function tiles(summary)
  local collisions, connections = summary.id_collisions, summary.connections
  return h("dl", { class = "tiles" },
    summary.isolation and tile("isolation", summary.isolation, nil, summary.isolation),
    collisions and tile("id collisions", text.number(collisions), nil, collisions > 0 and "fail" or "pass"),
    degradation(summary.degradation),
    summary.cache_hit_rate and tile("cache hit rate", ("%.1f %%"):format(summary.cache_hit_rate * 100)),
    connections and tile("connections", text.number(connections.most),
      connections.limit and "at most, of " .. text.number(connections.limit)),
    summary.replica_shares and shares(summary.replica_shares),
    tile("checks", ("%d of %d"):format(summary.checks.pass, summary.checks.total), "held"))
end

local function facts(report)
  local run, target = report.run, report.target
  local what = target.kind and ("%s%s"):format(target.kind, target.fault and ", fault " .. target.fault or "") or "none"
  local servers = {}
  for name, version in pairs(target.versions or {}) do
    servers[#servers + 1] = name .. " " .. version
  end
  table.sort(servers)
  return h("p", { class = "facts" },
    spaced(markup.each({ "scalerun " .. run.version, text.count(#run.projects, "project"), what,
      #servers > 0 and table.concat(servers, ", ") or false, "seed " .. run.seed, durations.text(run.duration_s),
      run.started:gsub("T", " "):gsub("%.%d+Z", " UTC"), run.interrupted and "interrupted" or false }, function(fact)
      return fact and h("span", nil, fact)
    end)))
end

--- @param report table the document
---@return table
function overview.section(report)
  return {
    h("header", { class = "verdict " .. report.verdict },
      h("div", { class = "sign", ["aria-hidden"] = "true" }, ICONS[report.verdict]),
      h("div", nil, h("h1", nil, report.summary.text), facts(report))),
    tiles(report.summary),
    -- Where little is to be told, what comes below it fills the column.
    report.verdict == "pass" and h("div", { class = "columns" },
      h("div", nil, why(report), scenarios(report)), h("div", nil, requirements(report)))
      or h("div", { class = "columns" }, why(report), h("div", nil, requirements(report), scenarios(report))),
  }
end

return overview
