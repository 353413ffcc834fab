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

-- The level that a statement assigns by name. The value is a literal, which only the source has.
local function assigned(source)
  local lower = source:lower()
  local value = lower:match("isolation%s*=%s*'?([%a ]+)") or lower:match("isolation%s+to%s+'?([%a ]+)")
  return value and sql.level((value:gsub("%s+$", "")))
end

-- What statements do to their session and its transaction: the first pattern that begins the statement counts.
local controls = {
  { "begin%f[^%w]", "begin" },
  { "start transaction", "begin" },
  { "commit%f[^%w]", "commit" },
  { "end%f[^%w]", "commit" },
  { "prepare transaction", "commit" },
  { "rollback to", "rollback_to" },
  { "rollback %a+ to", "rollback_to" },
  { "rollback", "rollback" },
  { "abort", "rollback" },
  { "set transaction_isolation", "set_transaction" },
  { "set local transaction_isolation", "set_transaction" },
  { "set transaction", "set_transaction" },
  { "set session characteristics as transaction", "set_default" },
  { "set default_transaction_isolation", "set_default" },
  { "set session default_transaction_isolation", "set_default" },
  { "reset default_transaction_isolation", "reset" },
  { "reset all", "reset" },
  { "discard all", "reset" },
}

local act = {}

function act.begin(session, code)
  session.transaction = session.transaction or open(session, true)
  session.transaction.level = sql.level_in(code) or session.transaction.level
end

function act.commit(session, code)
  local ended = session.transaction
  session.transaction = nil
  if ended and ended.failed then -- the server makes a rollback of it
    session.default = ended.default_before
  else
    session.ending = ended
  end
  local lower = code:lower()
  if ended and lower:find("and chain") then
    session.transaction = open(session, true)
    session.transaction.level = ended.level
  end
end

function act.rollback(session)
  if session.transaction then
    session.default = session.transaction.default_before
  end
  session.transaction = nil
end

function act.rollback_to(session)
  if session.transaction then
    session.transaction.failed = false
  end
end

function act.set_transaction(session, code, source)
  if session.transaction then
    session.transaction.level = sql.level_in(code) or assigned(source) or session.transaction.level
  end
end

function act.set_default(session, code, source)
  session.default = sql.level_in(code) or assigned(source) or session.default
end

function act.reset(session, _, _, initial)
  session.default = initial
end

local function control_of(code)
  local lower = code:lower()
  for _, control in ipairs(controls) do
    if lower:find("^" .. control[1]) then
      return act[control[2]]
    end
  end
end

function Transactions:work(session, entry, code, source)
  local transaction = session.transaction or open(session, false)
  add_ids(transaction.ids, source)
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

function Transactions:statement(session, entry, text)
  local statements, sources = sql.statements(text)
  for index, code in ipairs(statements) do
    self:settle(session)
    local control = control_of(code)
    if control then
      control(session, code, sources[index], self.default)
    else
      self:work(session, entry, code, sources[index])
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
