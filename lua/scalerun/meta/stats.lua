---@meta scalerun.stats
-- Made from lua/scalerun/stats.lua by scripts/annotations: change it there.

--- Statistics that verdicts rest on. Pure functions: no clock, no I/O, and no randomness but from a given seed. Where
--- each comes from is told in scalerun/stats/.

---@class scale.stats
local stats = {}

--- The arithmetic mean; nil of none.
---@param values number[]
---@return number?
function stats.mean(values) end

--- The standard deviation of a sample, with n - 1; nil of fewer than two.
---@param values number[]
---@return number? deviation in the values' unit
function stats.stddev(values) end

--- The coefficient of variation: standard deviation over mean. nil where the mean is 0 or there are fewer than two.
---@param values number[]
---@return number? share 0.1 is 10 % of the mean
function stats.cv(values) end

--- A percentile, between the two values next to its place (R's quantile of type 8); nil of none.
---@param values number[] in any order
---@param percent number 0 to 100
---@return number?
function stats.percentile(values, percent) end

--- The ranks of a sorted list between which the true percentile lies, whatever the distribution, with at least the
--- given confidence.
---@param count integer how many values there are
---@param percent number 0 to 100
---@param confidence number? 0.95 unless told
---@return integer? low nil where no value is surely below
---@return integer? high nil where no value is surely above: too few values
function stats.rank_interval(count, percent, confidence) end

--- A percentile's interval from a histogram: its rank error, widened by how far a bucket is off.
---@param at fun(percent: number): number? the histogram's percentile
---@param count integer how many values are in it
---@param percent number 0 to 100
---@param options { confidence: number?, bucket: number? }? bucket: relative error of the histogram, 0.001 unless told
---@return { value: number, low: number?, high: number? }? interval nil of no values; an end that the values do not
---  show is nil
function stats.percentile_interval(at, count, percent, options) end

--- Jain's fairness index: 1 when all have the same, 1/n when one has all; nil of none, or of nothing but zeros.
---@param values number[]
---@return number?
function stats.jain(values) end

--- Pearson's test that counts follow the expected shares; nil of fewer than two counts, or when nothing was counted.
---@param observed number[] counts
---@param expected number[]? shares, in any unit; equal ones unless told
---@return scale.ChiSquare?
function stats.chi_square(observed, expected) end

--- The paired ratio of load over baseline across alternating rounds, with its interval. Where data are missing,
--- `problem` says so and there is no interval.
---
--- ```lua verify
--- local rounds = scale.stats.ratio { baseline = { 0.10, 0.11, 0.10 }, load = { 0.12, 0.12, 0.11 } }
--- run:expect("load takes longer, by less than half"):value(rounds.ratio):between(1, 1.5)
--- ```
---@param options scale.RatioOptions
---@return scale.Ratio
function stats.ratio(options) end

--- Decides on an interval: pass when all of it is below the limit, fail when all of it is above. A band beyond the
--- limit is tolerated: "at most +10 %, 5 points of tolerance" fails only above 15 %.
---@param interval { low: number?, high: number? }
---@param limit number in the interval's unit
---@param band number? 0 unless told
---@param side "below"|"above"|nil on which side of the limit it must lie: "below" unless told
---@return "pass"|"fail"|"undecided" decision
---@return boolean? tolerated whether it took the band to pass
function stats.sequential(interval, limit, band, side) end

--- The confidence that each of so many looks at growing data takes, so that all of them together decide wrongly in
--- less than 5 of 100.
---@param looks integer from 1
---@return number confidence 0.95 of one look, more of several
function stats.confidence(looks) end

return stats
