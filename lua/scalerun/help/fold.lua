--- Breaks long lines between words, for a terminal that would break them within.

local width_of = require("scalerun.columns").width

local LEAST = 20 -- columns; less is no place for words

-- One line as several; those after the first stand two columns further in.
local function fold_line(line, width)
  local indent = line:match("^ *")
  local lines, current = {}, indent
  for blanks, word in line:sub(#indent + 1):gmatch("( *)([^ ]+)") do
    if width_of(current) + #blanks + width_of(word) > width and current:find("[^ ]") then
      lines[#lines + 1] = current
      current, blanks = indent .. "  ", ""
    end
    current = current .. blanks .. word
  end
  lines[#lines + 1] = current
  return lines
end

---@param text string
---@param width integer? columns; nil: the text stays as it is
---@return string
return function(text, width)
  if not width or width < LEAST then
    return text
  end
  local lines = {}
  for line in (text .. "\n"):gmatch("(.-)\n") do
    for _, part in ipairs(width_of(line) > width and fold_line(line, width) or { line }) do
      lines[#lines + 1] = part
    end
  end
  return table.concat(lines, "\n")
end
