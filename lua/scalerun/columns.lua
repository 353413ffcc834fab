--- Text in columns, as wide as it looks and not as many bytes as it has.
local columns = {}

--- How many columns a text takes; its bytes where it is no UTF-8.
---@param text string
---@return integer
function columns.width(text)
  return utf8.len(text) or #text
end

--- The text with as many blanks as it lacks: behind it, or before it.
---@param text string
---@param width integer
---@param before boolean?
---@return string
function columns.pad(text, width, before)
  local blanks = (" "):rep(width - columns.width(text))
  return before and blanks .. text or text .. blanks
end

--- The width of the widest cell of each column.
---@param rows string[][]
---@return integer[]
function columns.widths(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for column, cell in ipairs(row) do
      widths[column] = math.max(widths[column] or 0, columns.width(cell))
    end
  end
  return widths
end

return columns
