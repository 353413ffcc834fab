--- The database's own word on who wrote a table: follows the server's log, where scalerun can read it.
local json = require "scalerun.json"
local log_file = require "scalerun.evidence.log_file"
local serializable = require "scalerun.evidence.serializable"
local transactions = require "scalerun.evidence.transactions"

---@class scalerun.Witness
local Witness = {}
Witness.__index = Witness

local witness = {}

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

-- Reads until the log has come to what the server does now.
function Witness:catch_up(connection)
  self.log:catch_up(connection, "database.serializable", function(entry)
    self.follower:entry(entry)
  end)
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
