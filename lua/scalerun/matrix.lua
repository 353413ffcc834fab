--- What scale.matrix makes: who did what to whom, and how often it went wrong, for run:matrix.
---@class scale.Matrix
---@field rows string[]
---@field columns string[]
---@field cells { attempts: integer, leaks: integer }[][] by row, then column
local Matrix = {}

local matrix = {}

local function places(names)
  local list = {}
  for index, name in ipairs(names) do
    list[name] = index
  end
  return list
end

--- What scale.matrix is: see there.
---@param rows string[]
---@param columns string[]?
---@return scale.Matrix
function matrix.new(rows, columns)
  if type(rows) ~= "table" or (columns ~= nil and type(columns) ~= "table") then
    error("scale.matrix: takes a list of names, and another one for the columns", 2)
  end
  columns = columns or rows
  local cells = {}
  for row in ipairs(rows) do
    cells[row] = {}
    for column in ipairs(columns) do
      cells[row][column] = { attempts = 0, leaks = 0 }
    end
  end
  return setmetatable({ rows = rows, columns = columns, cells = cells }, {
    __index = Matrix,
    row_of = places(rows),
    column_of = places(columns),
  })
end

--- Counts an attempt, and how often it went wrong.
---@param row string
---@param column string
---@param leaks integer
---@param attempts integer? 1 unless told
function Matrix:count(row, column, leaks, attempts)
  local meta = getmetatable(self)
  local line = self.cells[meta.row_of[row]]
  local cell = line and line[meta.column_of[column]]
  if not cell then
    error(("matrix:count: there is no cell for %s and %s"):format(tostring(row), tostring(column)), 2)
  end
  cell.attempts, cell.leaks = cell.attempts + (attempts or 1), cell.leaks + leaks
end

return matrix
