--- Follows transactions through PostgreSQL's JSON log (log_statement = all): which isolation level each had,
--- whether it was committed, and which ids it wrote. Reads entries, does no I/O.
local sequence = require "scalerun.judge.sequence"
local sql = require "scalerun.evidence.sql"

---@class scalerun.Transaction
---@field session string session id of the log
---@field pid integer
---@field virtual_xid string
---@field at string time of the write, as logged
---@field level string? isolation level; nil when the log does not tell
---@field ids table<string, boolean> artifact ids in its statements and parameters

---@class scalerun.Transactions
---@field committed scalerun.Transaction[] those that wrote the table
local Transactions = {}
Transactions.__index = Transactions

local transactions = {}

--- @param watched string the table whose writes matter
---@param default string? isolation level of sessions that do not choose one; nil when it is not known
---@return scalerun.Transactions
function transactions.new(watched, default)
  return setmetatable({ watched = watched, default = default, sessions = {}, committed = {} }, Transactions)
end

-- The statement of a log entry, whichever protocol it came by; nil for other entries.
local function statement_of(message)
  message = message:gsub("^duration: [%d.]+ ms +", "")
  return message:match("^statement: (.*)$") or message:match("^execute [^:]*: (.*)$")
end

local function add_ids(ids, text)
  for id in text:gmatch("%f[%w]%u+%-%d%d%d+%f[^%w]") do
    ids[id] = true
  end
end

-- A registry keeps the last number beside the type: ('US', 'global', '7') stands for US-007.
local function add_numbered(ids, detail)
  local kinds, numbers = {}, {}
  for value in detail:gmatch("%$%d+ = '([^']*)'") do
    if value:find("^%u+$") then
      kinds[#kinds + 1] = value
    elseif value:find("^%d+$") and #value < 10 then
      numbers[#numbers + 1] = math.tointeger(tonumber(value))
    end
  end
  for _, kind in ipairs(kinds) do
    for _, number in ipairs(numbers) do
      ids[sequence.format(kind, number)] = true
    end
  end
end

function Transactions:session(entry)
  local id = entry.session_id
  local session = self.sessions[id]
  if not session then
    session = { id = id, default = self.default }
    self.sessions[id] = session
  end
  return session
end

local function open(session, explicit)
  local level = session.default
  return { explicit = explicit, level = level, default_before = level, session = session.id, ids = {} }
end

-- What was about to be committed has been, as nothing since said otherwise.
function Transactions:settle(session)
  local transaction = session.ending
  session.ending = nil
  if transaction and transaction.wrote then
    self.committed[#self.committed + 1] = {
      session = transaction.session,
      pid = transaction.pid,
      virtual_xid = transaction.virtual_xid,
      at = transaction.at,
      level = transaction.level,
      ids = transaction.ids,
    }
  end
end

local function set_default(session, code)
  local lower = code:lower()
  if lower:find("^set session characteristics as transaction") then
    session.default = sql.level_in(code) or session.default
  elseif lower:find("^discard all") or lower:find("^reset all")
    or lower:find("^reset default_transaction_isolation") then
    return "initial"
  end
end

-- `SET name = value` with the value in a literal, which statements() took out: look at the whole text.
local function assigned(text, name)
  local lower = text:lower()
  local value = lower:match("^%s*set%s+" .. name .. "%s*=%s*'?([%a ]+)") or
    lower:match("^%s*set%s+" .. name .. "%s+to%s+'?([%a ]+)") or
    lower:match("^%s*set%s+session%s+" .. name .. "%s*=%s*'?([%a ]+)") or
    lower:match("^%s*set%s+session%s+" .. name .. "%s+to%s+'?([%a ]+)")
  return value and sql.level(value:gsub("%s+$", ""))
end

function Transactions:control(session, code, text)
  local lower = code:lower()
  local transaction = session.transaction
  if lower:find("^begin%f[^%w]") or lower:find("^start transaction") then
    session.transaction = transaction or open(session, true)
    session.transaction.level = sql.level_in(code) or session.transaction.level
  elseif lower:find("^commit%f[^%w]") or lower:find("^end%f[^%w]") or lower:find("^prepare transaction") then
    if transaction and transaction.failed then
      session.default = transaction.default_before
    else
      session.ending = transaction
    end
    session.transaction = lower:find("and chain") and not lower:find("no chain") and open(session, true) or nil
    if session.transaction and transaction then
      session.transaction.level = transaction.level
    end
  elseif lower:find("^rollback to") or lower:find("^rollback %a+ to") then
    if transaction then
      transaction.failed = false
    end
  elseif lower:find("^rollback") or lower:find("^abort") then
    if transaction then
      session.default = transaction.default_before
    end
    session.transaction = nil
  elseif lower:find("^set transaction") or lower:find("^set local transaction_isolation")
    or lower:find("^set transaction_isolation") then
    if transaction then
      local named = text:lower():match("transaction_isolation%s*=%s*'([%a ]+)'")
        or text:lower():match("transaction_isolation%s+to%s+'([%a ]+)'")
      transaction.level = sql.level_in(code) or (named and sql.level(named)) or transaction.level
    end
  elseif set_default(session, code) == "initial" then
    session.default = self.default
  else
    local level = assigned(text, "default_transaction_isolation")
    if level then
      session.default = level
    end
    return false
  end
  return true
end

function Transactions:statement(session, entry, text)
  local statements = sql.statements(text)
  for _, code in ipairs(statements) do
    self:settle(session)
    if not self:control(session, code, #statements == 1 and text or code) then
      local transaction = session.transaction or open(session, false)
      add_ids(transaction.ids, text)
      add_ids(transaction.ids, entry.detail or "")
      if sql.writes(code, self.watched) then
        transaction.wrote = true
        transaction.pid = entry.pid
        transaction.virtual_xid = entry.vxid
        transaction.at = entry.timestamp
        add_numbered(transaction.ids, entry.detail or "")
      end
      if not transaction.explicit then
        session.ending = transaction
      end
    end
  end
end

--- Takes one entry of the log, decoded.
---@param entry table
function Transactions:entry(entry)
  if not entry.session_id or not entry.message then
    return
  end
  local session = self:session(entry)
  local severity = entry.error_severity
  if severity == "ERROR" or severity == "FATAL" or severity == "PANIC" then
    session.ending = nil
    if session.transaction then
      session.transaction.failed = true
    end
    return
  end
  local text = statement_of(entry.message)
  if text then
    self:statement(session, entry, text)
  elseif entry.message:find("^disconnection: ") then
    self:settle(session)
    self.sessions[session.id] = nil
  end
end

--- Says that the log has been read to its end: what no error followed is committed.
function Transactions:finish()
  for _, session in pairs(self.sessions) do
    self:settle(session)
  end
end

--- Forgets the committed transactions, and keeps what sessions have set up.
function Transactions:forget()
  self:finish()
  self.committed = {}
end

return transactions
