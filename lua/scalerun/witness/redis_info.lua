--- Redis's INFO, read.
local redis_info = {}

-- "keys=3,expires=0" of db0, and the like, are tables; nil for other text.
local function fields_of(text)
  local fields = {}
  for part in (text .. ","):gmatch("([^,]*),") do
    local name, value = part:match("^([%w_%-.]+)=([^=]+)$")
    if not name then
      return nil
    end
    fields[name] = math.tointeger(tonumber(value)) or tonumber(value) or value
  end
  return fields
end

local plain_number = "^%-?%d+%.?%d*$"

--- The fields of all sections in one table: numbers as numbers, "keys=3,expires=0" as tables, the rest as text.
--- Lines that are not field:value are passed over.
---@param text string
---@return table<string, any>
function redis_info.parse(text)
  local found = {}
  for line in text:gmatch("[^\r\n]+") do
    local name, value = line:match("^([^#:][^:]*):(.*)$")
    if name then
      if value:find(plain_number) then
        found[name] = math.tointeger(tonumber(value)) or tonumber(value)
      else
        found[name] = fields_of(value) or value
      end
    end
  end
  return found
end

return redis_info
