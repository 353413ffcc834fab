---@meta _
-- Made from lua/scalerun/matrix.lua by scripts/annotations: change it there.

--- What scale.matrix makes: who did what to whom, and how often it went wrong, for run:matrix.
---@class scale.Matrix
---@field rows string[]
---@field columns string[]
---@field cells { attempts: integer, leaks: integer }[][] by row, then column
local Matrix = {}

--- Counts an attempt, and how often it went wrong.
---@param row string
---@param column string
---@param leaks integer
---@param attempts integer? 1 unless told
function Matrix:count(row, column, leaks, attempts) end
