---@meta _
-- Made from lua/scalerun/compare.lua by scripts/annotations: change it there.

---@class scale.Arm: scale.Load whatever it says takes the place of the phase's load
---@field projects integer|string[]|nil how many of the run's projects take part, in rotation over the rounds, or which;
---  all unless told, one in an arm called solo

---@class scale.Compare two arms under names of the script's own, and:
---@field baseline string? the arm that the other is compared against: "solo" unless told
---@field rounds integer? how many there are in any case, each with one turn of both arms; 3 unless told
---@field most integer? how many there may be, where a ratio is not decided yet; 9 unless told
---@field order string? who comes first in each round: "ABBA" (A is the baseline), over and over
---@field time number|string? no round begins that would not end in it; 60 s unless told
---@field [string] scale.Arm
