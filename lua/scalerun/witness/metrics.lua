--- What a target's /metrics said at one time, or how it changed between two: scale.Metrics.
local errors = require "scalerun.errors"
local prometheus = require "scalerun.witness.prometheus"

---@class scale.Metrics plain data: what two processes, or a report, may hand over
---@field samples scalerun.Sample[] of a target with several replicas, each with the label `replica`
---@field types table<string, string> family → type
---@field problem string? why there are no samples, where there could have been some
local Metrics = {}
Metrics.__index = Metrics

local metrics = {}

--- @param samples scalerun.Sample[]
---@param types table<string, string>
---@return scale.Metrics
function metrics.new(samples, types)
  return setmetatable({ samples = samples, types = types }, Metrics)
end

--- None, and why.
---@param problem string
---@return scale.Metrics
function metrics.none(problem)
  return setmetatable({ samples = {}, types = {}, problem = problem }, Metrics)
end

local parts = { bucket = true, count = true, sum = true }

--- Whether a series only grows while its process lives.
---@param name string
---@param types table<string, string>
---@return boolean
function metrics.is_cumulative(name, types)
  local base, suffix = name:match("^(.*)_(%l+)$")
  local family = parts[suffix] and types[base] or nil
  local kind = types[name] or (family ~= "gauge" and family) or (suffix == "total" and types[base]) or "untyped"
  if kind == "untyped" or kind == "unknown" then
    return suffix == "total" or parts[suffix] == true
  end
  return kind == "counter" or kind == "histogram" or (kind == "summary" and parts[suffix] == true)
end

local function matches(sample, name, labels)
  if sample.name ~= name then
    return false
  end
  for label, value in pairs(labels) do
    if sample.labels[label] ~= tostring(value) then
      return false
    end
  end
  return true
end

--- The series of a name that have these labels, whatever others they have.
---@param name string
---@param labels table<string, string|number>?
---@return scalerun.Sample[]
function Metrics:all(name, labels)
  local list = {}
  for _, sample in ipairs(self.samples) do
    if matches(sample, name, labels or {}) then
      list[#list + 1] = sample
    end
  end
  return list
end

--- The value of the one series that has these labels; nil when there is none. Several are a mistake of the script.
---@param name string
---@param labels table<string, string|number>?
---@return number?
function Metrics:get(name, labels)
  local list = self:all(name, labels)
  if #list > 1 then
    error(errors.new {
      kind = "invalid",
      operation = "metrics.get",
      message = ("%d series are called %s and have these labels: name more labels, or use sum or max"):format(
        #list, name),
    }, 2)
  end
  return list[1] and list[1].value
end

local function fold(list, fn)
  local value
  for _, sample in ipairs(list) do
    value = value == nil and sample.value or fn(value, sample.value)
  end
  return value
end

--- The sum over the series that have these labels; nil when there is none.
---@param name string
---@param labels table<string, string|number>?
---@return number?
function Metrics:sum(name, labels)
  return fold(self:all(name, labels), function(a, b)
    return a + b
  end)
end

--- The greatest among the series that have these labels; nil when there is none.
---@param name string
---@param labels table<string, string|number>?
---@return number?
function Metrics:max(name, labels)
  return fold(self:all(name, labels), math.max)
end

---@class scale.MetricsHistogram
---@field count number
---@field sum number
---@field mean number? nil when nothing was counted
---@field buckets { le: number, count: number }[] count of those up to le, ascending; the last le is math.huge
local Histogram = {}
Histogram.__index = Histogram

--- A quantile (0.95), by straight lines within the buckets, as PromQL's histogram_quantile: as exact as the buckets
--- are fine. Nil when nothing was counted; the last finite bound when it lies beyond that.
---@param q number
---@return number?
function Histogram:quantile(q)
  local buckets = self.buckets
  local total = #buckets > 0 and buckets[#buckets].count or 0
  if total <= 0 then
    return nil
  end
  local rank, lower, below = q * total, 0, 0
  for index, bucket in ipairs(buckets) do
    if bucket.count >= rank and bucket.count > below then
      if bucket.le == math.huge then
        return index > 1 and buckets[index - 1].le or nil
      elseif index == 1 and bucket.le <= 0 then
        return bucket.le
      end
      return lower + (bucket.le - lower) * (rank - below) / (bucket.count - below)
    end
    lower, below = bucket.le, bucket.count
  end
end

-- The counts by bound, over all series; nil when the series do not have the same bounds, of which the last is +Inf.
local function buckets_of(samples)
  local counts, having, series, number = {}, {}, {}, 0
  for _, sample in ipairs(samples) do
    local le = prometheus.number(sample.labels.le or "")
    if not le then
      return nil
    end
    local others = {}
    for label, value in pairs(sample.labels) do
      others[label] = label ~= "le" and value or nil
    end
    local key = prometheus.key(sample.name, others)
    number = number + (series[key] and 0 or 1)
    series[key] = true
    counts[le] = (counts[le] or 0) + sample.value
    having[le] = (having[le] or 0) + 1
  end
  local buckets = {}
  for le, count in pairs(counts) do
    if having[le] ~= number then
      return nil
    end
    buckets[#buckets + 1] = { le = le, count = count }
  end
  table.sort(buckets, function(a, b)
    return a.le < b.le
  end)
  return counts[math.huge] and buckets or nil
end

--- A histogram, added up over all series that have these labels; nil when there is none, or when they do not have
--- the same bounds.
---@param name string without _bucket
---@param labels table<string, string|number>?
---@return scale.MetricsHistogram?
function Metrics:histogram(name, labels)
  local buckets = buckets_of(self:all(name .. "_bucket", labels))
  local count, sum = self:sum(name .. "_count", labels), self:sum(name .. "_sum", labels)
  if not buckets or not count or not sum then
    return nil
  end
  return setmetatable({ count = count, sum = sum, mean = count > 0 and sum / count or nil, buckets = buckets },
    Histogram)
end

--- What was added since an earlier time: of counters and histograms the increase, also over a restart, after which
--- they begin at 0 again (what was counted between the earlier time and the restart is lost then); of gauges the
--- value now. A series that was not there before counts from 0.
---@param earlier scale.Metrics
---@return scale.Metrics
function Metrics:since(earlier)
  local changes = require("scalerun.witness.changes").new()
  changes:add(earlier)
  changes:add(self)
  return changes:metrics()
end

return metrics
