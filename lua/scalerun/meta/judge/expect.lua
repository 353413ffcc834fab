---@meta _
-- Made from lua/scalerun/judge/expect.lua by scripts/annotations: change it there.

---@class scale.Expectation
local Expectation = {}

--- A number of things. `of` says among how many they were counted: of nothing, zero shows nothing.
---@param found number?
---@param given { of: integer? }?
---@return scale.NumberMatchers
function Expectation:count(found, given) end

--- A value: a number, or a boolean for is_true and is_false.
---@param value number|boolean|nil
---@return scale.NumberMatchers
function Expectation:value(value) end

--- A list, mostly what projects recorded: seen.id.
---@param list any[]?
---@return scale.ListMatchers
function Expectation:values(list) end

--- A statistic of a series: run:expect("fast"):metric(seen.ops["ids.reserve"], "p95"):below("200ms").
---@param series scale.Series?
---@param name "mean"|"p50"|"p90"|"p95"|"p99"|"p995"|"p999"|"max"|"min"|"stddev"|"cv"|"ok"|"errors"|"count"|"error_rate"
---@param given { from: "start"|"schedule"|nil }? from: when the latency of an operation begins: "start" unless told
---@return scale.NumberMatchers
function Expectation:metric(series, name, given) end

--- A paired ratio of two arms, of seen.compare:ratio { … } or scale.stats' ratio, judged by its whole interval.
---@param found scale.Ratio?
---@return scale.RatioMatchers
function Expectation:ratio(found) end

--- How often each was counted, by name: run:expect("even"):share({ a = 33, b = 34, c = 33 }):even().
---@param counts table<string, number>?
---@return scale.ShareMatchers
function Expectation:share(counts) end

--- What a witness found: a table { verdict=, observed=, expected=, evidence= } such as
--- run.database:serializable returns. Its verdict is the check's.
---@param found table?
function Expectation:evidence(found) end

---@class scale.NoneOptions
---@field among integer how many were looked at: among none, nothing is shown
---@field what string? what they are: "responses"
---@field control integer? how often the same search found what it must find; at 0 it proves nothing

--- That something did not occur among what was looked at.
---@param found (table|string)[] the occurrences: evidence, if there are any
---@param given scale.NoneOptions
function Expectation:none(found, given) end

--- That something is refused, which counts only beside its positive control: the same succeeds where it must.
--- Outcomes are booleans, or tables with `refused` (attempts) and `held` (controls) and what else is evidence.
---@param given { attempt: (boolean|table)[], control: (boolean|table)[] }
function Expectation:refused(given) end
