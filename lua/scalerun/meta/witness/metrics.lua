---@meta _
-- Made from lua/scalerun/witness/metrics.lua by scripts/annotations: change it there.

---@class scale.Metrics plain data: what two processes, or a report, may hand over
---@field samples scalerun.Sample[] of a target with several replicas, each with the label `replica`
---@field types table<string, string> family → type
---@field problem string? why there are no samples, where there could have been some
local Metrics = {}

--- The series of a name that have these labels, whatever others they have.
---@param name string
---@param labels table<string, string|number>?
---@return scalerun.Sample[]
function Metrics:all(name, labels) end

--- The value of the one series that has these labels; nil when there is none. Several are a mistake of the script.
---@param name string
---@param labels table<string, string|number>?
---@return number?
function Metrics:get(name, labels) end

--- The sum over the series that have these labels; nil when there is none.
---@param name string
---@param labels table<string, string|number>?
---@return number?
function Metrics:sum(name, labels) end

--- The greatest among the series that have these labels; nil when there is none.
---@param name string
---@param labels table<string, string|number>?
---@return number?
function Metrics:max(name, labels) end

---@class scale.MetricsHistogram
---@field count number
---@field sum number
---@field mean number? nil when nothing was counted
---@field buckets { le: number, count: number }[] count of those up to le, ascending; the last le is math.huge
local Histogram = {}

--- A quantile (0.95), by straight lines within the buckets, as PromQL's histogram_quantile: as exact as the buckets
--- are fine. Nil when nothing was counted; the last finite bound when it lies beyond that.
---@param q number
---@return number?
function Histogram:quantile(q) end

--- A histogram, added up over all series that have these labels; nil when there is none, or when they do not have
--- the same bounds.
---@param name string without _bucket
---@param labels table<string, string|number>?
---@return scale.MetricsHistogram?
function Metrics:histogram(name, labels) end

--- What was added since an earlier time: of counters and histograms the increase, also over a restart, after which
--- they begin at 0 again (what was counted between the earlier time and the restart is lost then); of gauges the
--- value now. A series that was not there before counts from 0.
---@param earlier scale.Metrics
---@return scale.Metrics
function Metrics:since(earlier) end
