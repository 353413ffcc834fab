--- Where the servers' programs are, and as whom they run.
local errors = require "scalerun.errors"
local fs = require "scalerun.fs"
local os_core = require "scalerun.core.os"
local process = require "scalerun.process"

local programs = {}

--- Raises an error of the sandbox.
---@param message string
function programs.fail(message)
  error(errors.new { kind = "sandbox", operation = "sandbox.start", message = message }, 0)
end

--- The path of a program: in one of the folders, or in PATH; nil when it is nowhere.
---@param name string
---@param folders string[]? looked into first
---@return string?
function programs.find(name, folders)
  for _, folder in ipairs(folders or {}) do
    if fs.executable(folder .. "/" .. name) then
      return folder .. "/" .. name
    end
  end
  for folder in (os.getenv("PATH") or ""):gmatch("[^:]+") do
    if fs.executable(folder .. "/" .. name) then
      return folder .. "/" .. name
    end
  end
  return nil
end

-- What pg_config says, or nil.
local function pg_config(path, what)
  if not path then
    return nil
  end
  local result = process.run { path, what }
  return result.status == 0 and result.stdout:gsub("%s+$", "") or nil
end

-- The folders of Debian's versions, newest first.
local function versions_folders()
  local base, found = "/usr/lib/postgresql", {}
  for _, name in ipairs(fs.exists(base) and fs.list(base) or {}) do
    if tonumber(name) then
      found[#found + 1] = tonumber(name)
    end
  end
  table.sort(found, function(a, b)
    return a > b
  end)
  for index, version in ipairs(found) do
    found[index] = ("%s/%g/bin"):format(base, version)
  end
  return found
end

---@class scalerun.PostgresqlPrograms
---@field initdb string
---@field postgres string
---@field statements boolean whether pg_stat_statements is installed

--- PostgreSQL's programs: where pg_config says, in Debian's folders, or in PATH.
---@return scalerun.PostgresqlPrograms
function programs.postgresql()
  local bindir = pg_config(programs.find("pg_config"), "--bindir")
  local folders = versions_folders()
  if bindir then
    table.insert(folders, 1, bindir)
  end
  local initdb = programs.find("initdb", folders)
  if not initdb then
    programs.fail("PostgreSQL's initdb was not found, neither where pg_config says, nor in /usr/lib/postgresql/*/bin, "
      .. "nor in PATH: install the PostgreSQL server (on Debian: apt-get install postgresql)")
  end
  local folder = initdb:match("^(.*)/")
  local postgres = programs.find("postgres", { folder })
  if not postgres then
    programs.fail(("%s has no postgres beside it: install the PostgreSQL server (on Debian: apt-get install "
      .. "postgresql)"):format(initdb))
  end
  local share = pg_config(programs.find("pg_config", { folder }), "--sharedir")
  return {
    initdb = initdb,
    postgres = postgres,
    statements = share ~= nil and fs.exists(share .. "/extension/pg_stat_statements.control"),
  }
end

---@return string
function programs.redis()
  return programs.find("redis-server", { "/usr/bin", "/usr/local/bin" })
    or programs.fail("redis-server was not found in PATH: install Redis (on Debian: apt-get install redis-server)")
end

---@return string
function programs.haproxy()
  return programs.find("haproxy", { "/usr/sbin", "/usr/local/sbin" })
    or programs.fail("haproxy was not found in PATH: install HAProxy (on Debian: apt-get install haproxy)")
end

--- scalerun-target: what SCALERUN_TARGET names, or beside scalerun, or where an installation puts it.
---@return string
function programs.target()
  local named = os.getenv("SCALERUN_TARGET")
  if named and named ~= "" then
    return fs.executable(named) and named
      or programs.fail(("SCALERUN_TARGET names '%s', which is no program"):format(named))
  end
  local folder = require("scalerun.core.build").executable:match("^(.*)/")
  local found = programs.find("scalerun-target", { folder, folder .. "/../libexec/scalerun" })
  return found
    or programs.fail(("scalerun-target was not found beside %s/scalerun: build it (ninja scalerun-target), or name it "
      .. "in the variable SCALERUN_TARGET"):format(folder))
end

--- Whom PostgreSQL, which refuses to run as root, runs as: nil for the present user.
---@return { name: string, uid: integer, gid: integer }?
function programs.unprivileged()
  if os_core.uid() ~= 0 then
    return nil
  end
  return os_core.user("postgres")
    or os_core.user("nobody")
    or programs.fail("root cannot run PostgreSQL, and there is neither a user 'postgres' nor 'nobody' to run it as")
end

return programs
