--- Numbers as people read them.
local text = {}

local function trimmed(format, value)
  local shown = format:format(value)
  return shown:find(".", 1, true) and shown:gsub("0+$", ""):gsub("%.$", "") or shown
end

--- Three digits, no trailing zeros.
---@param value number
---@return string
function text.number(value)
  local size = math.abs(value)
  if math.type(value) == "integer" or (value == math.floor(value) and size < 1e15) then
    return (("%d"):format(value):reverse():gsub("(%d%d%d)(%d)", "%1 %2"):gsub("(%d%d%d)(%d)", "%1 %2"):reverse())
  elseif size >= 100 then
    return ("%.0f"):format(value)
  end
  return trimmed(size >= 10 and "%.1f" or size >= 1 and "%.2f" or "%.3f", value)
end

--- "850 µs", "12.3 ms", "2.1 s"
---@param value number milliseconds
---@return string
function text.ms(value)
  if value >= 1000 then
    return trimmed(value >= 10000 and "%.1f" or "%.2f", value / 1000) .. " s"
  elseif value >= 1 then
    return trimmed(value >= 100 and "%.0f" or value >= 10 and "%.1f" or "%.2f", value) .. " ms"
  elseif value == 0 then
    return "0 ms"
  end
  return ("%.0f µs"):format(value * 1000)
end

-- Decimal, as ticks are.
local powers = { "B", "kB", "MB", "GB", "TB" }

local function bytes(value)
  local index = 1
  while value >= 1000 and index < #powers do
    value, index = value / 1000, index + 1
  end
  return ("%s %s"):format(text.number(index == 1 and value or math.floor(value * 10 + 0.5) / 10), powers[index])
end

local units = { ms = text.ms, bytes = bytes, [""] = text.number }

function units.s(value)
  return text.ms(value * 1000)
end

--- A value with its unit.
---@param value number
---@param unit string?
---@return string
function text.value(value, unit)
  local known = units[unit or ""]
  return known and known(value) or ("%s %s"):format(text.number(value), unit)
end

--- "+9.6 %", "−0.4 %", "±0.0 %"
---@param percent number
---@return string
function text.change(percent)
  local size = ("%.1f"):format(math.abs(percent))
  return ("%s%s\u{a0}%%"):format(size == "0.0" and "±" or percent < 0 and "−" or "+", size)
end

--- "3 checks", "1 check"
---@param count integer
---@param noun string
---@return string
function text.count(count, noun)
  return ("%s %s%s"):format(text.number(count), noun, count == 1 and "" or "s")
end

return text
