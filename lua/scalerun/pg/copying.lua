--- What COPY needs beside the connection.
local copying = {}

local function quoted(name)
  return '"' .. name:gsub('"', '""') .. '"'
end

--- The statement that loads the columns of a table, "schema.table" or "table".
---@param name string
---@param columns string[]
---@return string
function copying.statement(name, columns)
  local parts, list = {}, {}
  for part in name:gmatch("[^.]+") do
    parts[#parts + 1] = quoted(part)
  end
  for i, column in ipairs(columns) do
    list[i] = quoted(column)
  end
  return ("COPY %s (%s) FROM STDIN"):format(table.concat(parts, "."), table.concat(list, ", "))
end

--- The rows one by one, from a list or from a function that gives them.
---@param rows table[]|fun(): table?
---@return fun(): table?
function copying.each(rows)
  if type(rows) == "table" then
    local i = 0
    return function()
      i = i + 1
      return rows[i]
    end
  end
  return rows
end

return copying
