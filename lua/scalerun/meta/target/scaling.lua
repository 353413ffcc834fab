---@meta scalerun.target.scaling
-- Made from lua/scalerun/target/scaling.lua by scripts/annotations: change it there.

--- Judging that several replicas serve as one: shares, replicas that are gone, the cost of the balancer before them.
--- What the functions return goes with run:expect(name):evidence(…), unless they say otherwise.

---@class scale.target.scaling
local scaling = {}

--- How many operations each replica answered.
---@param history scale.History
---@param names string[] of the replicas
---@return integer[] counts in the order of the names
function scaling.counts(history, names) end

--- "a 100, b 100, c 99"
---@param names string[]
---@param counts integer[]
---@return string
function scaling.text(names, counts) end

--- The same of what counters have grown by.
---@param names string[]
---@param before table<string, number> by name
---@param after table<string, number>
---@return string
function scaling.increase(names, before, after) end

--- Whether chance explains how far the shares are apart (Pearson's chi-square test).
---@param names string[]
---@param counts integer[]
---@return scalerun.Found
function scaling.shares(names, counts) end

--- The projects that some replica never served, whose requests are not free to go anywhere: for :none(…).
---@param history scale.History
---@param projects string[]
---@param names string[] of the replicas
---@return table[] found
function scaling.unserved(history, projects, names) end

--- Whether no operation failed any more, once it should be known that a replica is gone.
---@param history scale.History of the phase in which it was killed
---@param victim string
---@param noticed number seconds after its last answer in which operations may fail
---@return scalerun.Found
function scaling.survivors(history, victim, noticed) end

--- Whether connections to the database are so few for the reads that they have served several projects each: what is
--- left on a connection would have been seen.
---@param given { connections: integer, reads: integer, projects: integer }
---@return scalerun.Found
function scaling.shared(given) end

---@class scalerun.OverheadGiven
---@field rounds { past: number[], through: number[] }[] seconds of walks past the balancer and through it, side by side
---@field requests integer of one walk
---@field thinking number seconds of a walk that are no requests, and were not waited for
---@field limit number the ratio that may not be exceeded: 1.05

--- Whether walks through the balancer take hardly longer: the paired ratio over rounds with its interval.
---@param given scalerun.OverheadGiven
---@return scalerun.Found found
---@return string text "+0.1 % (0.25 ms a request)"
function scaling.overhead(given) end

return scaling
