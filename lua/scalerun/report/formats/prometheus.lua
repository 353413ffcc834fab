--- The final numbers in Prometheus' text format, for a textfile collector or a push gateway.
local names = require "scalerun.names"

local prometheus = {}

prometheus.FILE = "metrics.prom"

local VERDICTS = { "pass", "fail", "inconclusive" }
local QUANTILES = { { "0.5", "p50" }, { "0.95", "p95" }, { "0.99", "p99" }, { "0.999", "p999" } }

local Writer = {}
Writer.__index = Writer

local escapes = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }

local function number(value)
  return math.type(value) == "integer" and ("%d"):format(value) or ("%.12g"):format(value)
end

function Writer:family(name, kind, help)
  self.out[#self.out + 1] = ("# HELP scalerun_%s %s\n# TYPE scalerun_%s %s\n"):format(name, help, name, kind)
end

-- labels: { name, value, name, value, … }
function Writer:sample(name, labels, value)
  local list = {}
  for at = 1, #labels, 2 do
    list[#list + 1] = ('%s="%s"'):format(labels[at], tostring(labels[at + 1]):gsub('[\\"\n]', escapes))
  end
  local shown = #list > 0 and "{" .. table.concat(list, ",") .. "}" or ""
  self.out[#self.out + 1] = ("scalerun_%s%s %s\n"):format(name, shown, number(value))
end

function Writer:verdict(name, labels, verdict)
  for _, one in ipairs(VERDICTS) do
    local all = table.move(labels, 1, #labels, 1, {})
    table.move({ "verdict", one }, 1, 2, #all + 1, all)
    self:sample(name, all, one == verdict and 1 or 0)
  end
end

-- fn(labels, op) of every operation of every project.
local function each_op(report, fn)
  for _, row in ipairs(report.scenarios) do
    for _, project in ipairs(row.projects) do
      for _, name in ipairs(names.sorted(project.ops)) do
        fn({ "scenario", row.id, "project_id", project.project_id, "operation", name }, project.ops[name])
      end
    end
  end
end

local function with(labels, ...)
  local all = table.move(labels, 1, #labels, 1, {})
  return table.move({ ... }, 1, select("#", ...), #all + 1, all)
end

local function verdicts(writer, report)
  writer:family("run_verdict", "gauge", "1 for the verdict of the run.")
  writer:verdict("run_verdict", {}, report.verdict)
  writer:family("run_duration_seconds", "gauge", "How long the run took.")
  writer:sample("run_duration_seconds", {}, report.run.duration_s)
  writer:family("scenario_verdict", "gauge", "1 for the verdict of each scenario.")
  for _, row in ipairs(report.scenarios) do
    writer:verdict("scenario_verdict", { "scenario", row.id }, row.verdict)
  end
  writer:family("requirement_verdict", "gauge", "1 for the verdict of each requirement.")
  for _, one in ipairs(report.requirements) do
    writer:verdict("requirement_verdict", { "requirement", one.id }, one.verdict)
  end
  writer:family("checks", "gauge", "How many checks of the run had each verdict.")
  for _, verdict in ipairs(VERDICTS) do
    writer:sample("checks", { "verdict", verdict }, report.summary.checks[verdict])
  end
end

local facts = {
  { "id_collisions", "Ids that were given twice.", function(summary)
    return summary.id_collisions
  end },
  { "cache_hit_ratio", "Share of reads that the cache answered.", function(summary)
    return summary.cache_hit_rate
  end },
  { "connections_most", "Database connections at most.", function(summary)
    return summary.connections and summary.connections.most
  end },
  { "degradation_ratio", "Load over baseline, less one.", function(summary)
    local found = summary.degradation
    return found and found.ratio_percent and found.ratio_percent / 100
  end },
}

local function operations(writer, report)
  writer:family("operations", "gauge", "Operations that ended, by outcome.")
  each_op(report, function(labels, op)
    writer:sample("operations", with(labels, "outcome", "ok"), op.ok)
    writer:sample("operations", with(labels, "outcome", "failed"), op.failed)
  end)
  writer:family("operation_duration_seconds", "summary", "How long operations took.")
  each_op(report, function(labels, op)
    for _, quantile in ipairs(QUANTILES) do
      local value = op.latency_ms[quantile[2]]
      if value then
        writer:sample("operation_duration_seconds", with(labels, "quantile", quantile[1]), value / 1000)
      end
    end
    local count = op.ok + op.failed
    writer:sample("operation_duration_seconds_sum", labels, op.latency_ms.mean / 1000 * count)
    writer:sample("operation_duration_seconds_count", labels, count)
  end)
end

--- @param report table the document
---@return string
function prometheus.make(report)
  local writer = setmetatable({ out = {} }, Writer)
  verdicts(writer, report)
  for _, fact in ipairs(facts) do
    local value = fact[3](report.summary)
    if value then
      writer:family(fact[1], "gauge", fact[2])
      writer:sample(fact[1], {}, value)
    end
  end
  operations(writer, report)
  return table.concat(writer.out)
end

return prometheus
