--- Statistics that verdicts rest on. Pure functions: no clock, no I/O, and no randomness but from a given seed.
---
---     local r = scale.stats.ratio { baseline = { { … }, … }, load = { { … }, … }, statistic = "p95" }
local describe = require "scalerun.stats.describe"
local ratio = require "scalerun.stats.ratio"
local sequential = require "scalerun.stats.sequential"
local shares = require "scalerun.stats.shares"

local stats = {
  mean = describe.mean,
  stddev = describe.stddev,
  cv = describe.cv,
  percentile = describe.percentile,
  rank_interval = describe.rank_interval,
  percentile_interval = describe.percentile_interval,
  jain = shares.jain,
  chi_square = shares.chi_square,
  ratio = ratio.paired,
  sequential = sequential.decide,
  confidence = sequential.confidence,
}

return stats
