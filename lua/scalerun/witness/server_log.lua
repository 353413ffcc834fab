--- What PostgreSQL has written into its JSON log since some moment.
local json = require "scalerun.json"
local log_file = require "scalerun.evidence.log_file"
local options = require "scalerun.options"

---@class scalerun.ServerLog
local ServerLog = {}
ServerLog.__index = ServerLog

local server_log = {}

-- From harmless to worst, as PostgreSQL orders what goes to the server's log.
local severities = { "DEBUG5", "DEBUG4", "DEBUG3", "DEBUG2", "DEBUG1", "INFO", "NOTICE", "WARNING", "ERROR", "LOG",
  "FATAL", "PANIC" }
local worse_than = { ERROR = { ERROR = true, FATAL = true, PANIC = true },
  WARNING = { WARNING = true, ERROR = true, FATAL = true, PANIC = true } }

-- Entries beyond these are an error: what is asked for must be narrower.
local ENTRIES_MAX = 100000

--- The log from its beginning on.
---@param path string
---@return scalerun.ServerLog
function server_log.new(path)
  return setmetatable({ log = log_file.new(path, json.decode), first = 0 }, ServerLog)
end

--- From now on: what was written before does not count.
function ServerLog:begin()
  self.first = self.log:size()
end

local function check_severity(name)
  for _, known in ipairs(severities) do
    if name == known then
      return
    end
  end
  local nearest = options.nearest(tostring(name), severities)
  error(("database.logged: no severity is called '%s' (%s)"):format(tostring(name),
    nearest and ("did you mean '%s'?"):format(nearest) or "known are: " .. table.concat(severities, ", ")), 4)
end

-- The set of severities that are meant.
local function wanted_of(given)
  if type(given) ~= "table" then
    check_severity(given)
    return worse_than[given] or { [given] = true }
  end
  local wanted = {}
  for _, name in ipairs(given) do
    check_severity(name)
    wanted[name] = true
  end
  return wanted
end

--- The entries since begin, oldest first.
---@param connection table
---@param given { severity: (string|string[])?, application: string? }
---@return table[]
function ServerLog:entries(connection, given)
  local wanted = wanted_of(given.severity or "ERROR")
  local list = {}
  self.log:go_to(self.first)
  self.log:catch_up(connection, "database.logged", function(entry)
    local application = given.application == nil
      or (type(entry.application_name) == "string" and entry.application_name:find(given.application) ~= nil)
    if wanted[entry.error_severity] and application then
      if #list == ENTRIES_MAX then
        error(("database.logged: more than %d entries: name a severity or an application"):format(ENTRIES_MAX), 0)
      end
      list[#list + 1] = entry
    end
  end)
  return list
end

return server_log
