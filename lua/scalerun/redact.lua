--- Keeps secrets out of everything that people and files get to see.
local redact = {}

--- What may be shown of a PostgreSQL DSN, in URL or key=value form, or of a Redis URL: where, not who.
---@param dsn string
---@return string "host:5432/database"
function redact.dsn(dsn)
  local rest = dsn:match("^%a[%w+.-]*://(.*)$")
  if rest then
    rest = rest:gsub("[?#].*$", ""):gsub("^.*@", "")
    return rest ~= "" and rest or "local"
  end
  local function field(name)
    return (" " .. dsn):match("%s" .. name .. "%s*=%s*'([^']*)'") or (" " .. dsn):match("%s" .. name .. "%s*=%s*(%S+)")
  end
  local host = field("host") or field("hostaddr") or "local"
  local port, name = field("port"), field("dbname")
  return host .. (port and ":" .. port or "") .. (name and "/" .. name or "")
end

local function passwords(dsn)
  local list = {}
  list[#list + 1] = dsn:match("^%a[%w+.-]*://[^/@]*:([^/]*)@")
  list[#list + 1] = dsn:match("[?&]password=([^&#]*)")
  list[#list + 1] = (" " .. dsn):match("%spassword%s*=%s*'([^']*)'") or (" " .. dsn):match("%spassword%s*=%s*(%S+)")
  return list
end

--- A function that takes the secrets out of a text: API keys, and passwords in DSNs.
---@param secrets { keys: table<string, string>?, dsns: string[]? }
---@return fun(text: string): string
function redact.new(secrets)
  local list = {}
  for _, key in pairs(secrets.keys or {}) do
    list[#list + 1] = key
  end
  for _, dsn in ipairs(secrets.dsns or {}) do
    for _, password in ipairs(passwords(dsn)) do
      list[#list + 1] = password
    end
  end
  -- The longest first, so that no part of one is left standing; very short ones would blot out other words.
  table.sort(list, function(a, b)
    return #a > #b
  end)
  return function(text)
    for _, secret in ipairs(list) do
      if #secret >= 4 then
        text = text:gsub(secret:gsub("%W", "%%%0"), "***")
      end
    end
    return text
  end
end

return redact
