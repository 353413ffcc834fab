--- The database's own word on who wrote a table: follows the server's log, where scalerun can read it.
local errors = require "scalerun.errors"
local json = require "scalerun.json"
local log_file = require "scalerun.evidence.log_file"
local random = require "scalerun.random"
local serializable = require "scalerun.evidence.serializable"
local time = require "scalerun.core.time"
local transactions = require "scalerun.evidence.transactions"

---@class scalerun.Witness
local Witness = {}
Witness.__index = Witness

local witness = {}

-- How long the log may lag behind the server.
local LAG_MAX = 30

---@param path string the server's JSON log
---@param watched string the table whose writers matter
---@param default string isolation level of sessions that do not choose one
---@return scalerun.Witness
function witness.new(path, watched, default)
  return setmetatable({
    log = log_file.new(path, json.decode),
    follower = transactions.new(watched, default),
  }, Witness)
end

-- Reads until the log has come to what the server does now, which a statement of our own marks.
function Witness:catch_up(connection)
  local mark = "scalerun-mark-" .. random.token(8)
  connection:exec(("SELECT '%s'"):format(mark))
  local deadline = time.now() + LAG_MAX
  local reached = false
  repeat
    self.log:read(function(entry)
      if not reached then
        reached = entry.message ~= nil and entry.message:find(mark, 1, true) ~= nil
      end
      self.follower:entry(entry)
    end)
    if not reached then
      time.sleep(0.01)
    end
  until reached or time.now() > deadline
  if not reached then
    error(errors.new {
      kind = "timeout",
      operation = "database.serializable",
      message = ("PostgreSQL's log %s does not show a statement of %d s ago: is log_statement = all?"):format(
        self.log.path, LAG_MAX),
    }, 0)
  end
  self.follower:finish()
end

--- From now on: what was written before does not count.
---@param connection table a connection to the server, for marks
function Witness:begin(connection)
  self:catch_up(connection)
  self.follower:forget()
end

--- Judges what was written since begin.
---@param connection table
---@param ids string[]?
---@return table found for run:expect(…):evidence()
function Witness:judge(connection, ids)
  self:catch_up(connection)
  return serializable.judge(self.follower.committed, ids)
end

return witness
