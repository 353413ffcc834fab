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
  list[#list + 1] = (" " .. dsn):match("%spassword%s*=%s*'([^']*)'") or (" " .. dsn):match("%spassword%s*=%s*([^%s']+)")
  return list
end

-- Shorter ones would blot out other words.
local SHORTEST = 4

---@class scalerun.Secrets
---@field private list string[]
local Secrets = {}
Secrets.__index = Secrets

--- Remembers API keys, and passwords in DSNs and URLs.
---@param given { keys: table<string, string>?, dsns: (string|false|nil)[]? }
function Secrets:add(given)
  for _, key in pairs(given.keys or {}) do
    self.list[#self.list + 1] = key
  end
  for _, dsn in pairs(given.dsns or {}) do
    for _, password in ipairs(dsn and passwords(dsn) or {}) do
      self.list[#self.list + 1] = password
    end
  end
  -- The longest first, so that no part of one is left standing.
  table.sort(self.list, function(a, b)
    return #a > #b
  end)
end

--- The text without them.
---@param text string
---@return string
function Secrets:scrub(text)
  for _, secret in ipairs(self.list) do
    if #secret >= SHORTEST then
      text = text:gsub(secret:gsub("%W", "%%%0"), "***")
    end
  end
  return text
end

---@return scalerun.Secrets
function redact.new()
  return setmetatable({ list = {} }, Secrets)
end

--- The settings, without the values of those that are secret by their name.
---@param settings table<string, string>
---@return table<string, string>
function redact.settings(settings)
  local shown = {}
  for name, value in pairs(settings) do
    local lower = name:lower()
    local secret = lower:find("pass") or lower:find("secret") or lower:find("token") or lower:find("key")
    shown[name] = secret and "***" or value
  end
  return shown
end

local dsn_options = { ["--database"] = true, ["--redis"] = true }

local function shown_value(option, value)
  if dsn_options[option] then
    return redact.dsn(value)
  end
  local name, setting = value:match("^([%w_.-]+)=(.*)$")
  if option == "--set" and name then
    return ("%s=%s"):format(name, redact.settings({ [name] = setting })[name])
  end
  return (value:gsub("^(%a[%w+.-]*://)[^/@]*@", "%1"))
end

--- The words of a command line, without passwords and the values of secret settings.
---@param words string[]
---@return string[]
function redact.command(words)
  local shown = {}
  for index, word in ipairs(words) do
    local option, value = word:match("^(%-%-[%w-]+)=(.*)$")
    if option then
      shown[index] = ("%s=%s"):format(option, shown_value(option, value))
    else
      shown[index] = shown_value(words[index - 1], word)
    end
  end
  return shown
end

return redact
