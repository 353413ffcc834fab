--- Judges whether every allocation ran in a SERIALIZABLE transaction, from the transactions that the server's
--- own log shows.
local evidence = require "scalerun.judge.evidence"

local serializable = {}

local LEVEL = "serializable"

local function described(transaction, ids)
  return ("%s in session %s, virtual transaction %s, at %s%s"):format(
    (transaction.level or "unknown isolation level"):upper(), transaction.session, transaction.virtual_xid or "?",
    transaction.at or "?", #ids > 0 and ": " .. evidence.some(ids, 10) or "")
end

local function sorted_ids(transaction, wanted)
  local list = {}
  for id in pairs(transaction.ids) do
    if not wanted or wanted[id] then
      list[#list + 1] = id
    end
  end
  table.sort(list)
  return list
end

local function item(transaction, wanted)
  local ids = sorted_ids(transaction, wanted)
  return {
    text = described(transaction, ids),
    level = transaction.level,
    session = transaction.session,
    virtual_xid = transaction.virtual_xid,
    at = transaction.at,
    ids = ids,
  }
end

local function set_of(list)
  local set = {}
  for _, value in ipairs(list) do
    set[value] = true
  end
  return set
end

-- Which of the ids a serializable transaction gave out.
local function proven(transactions)
  local ids = {}
  for _, transaction in ipairs(transactions) do
    if transaction.level == LEVEL then
      for id in pairs(transaction.ids) do
        ids[id] = true
      end
    end
  end
  return ids
end

local function partition(transactions)
  local good, weak, unknown = {}, {}, {}
  for _, transaction in ipairs(transactions) do
    table.insert(transaction.level == LEVEL and good or transaction.level and weak or unknown, transaction)
  end
  return good, weak, unknown
end

local function items(list, wanted)
  local made = {}
  for index, transaction in ipairs(list) do
    made[index] = item(transaction, wanted)
  end
  return made
end

--- A table for run:expect(…):evidence().
---@param transactions scalerun.Transaction[] all committed ones that wrote the registry
---@param ids string[]? the ids that the client was given; each must be found. Without them the transactions count.
---@return { verdict: string, observed: string, expected: string, evidence: table[] }
function serializable.judge(transactions, ids)
  local good, weak, unknown = partition(transactions)
  local wanted = ids and set_of(ids)
  local found, total = #good, #transactions
  local lost = {}
  if ids then
    found, total = 0, #ids
    local given = proven(transactions)
    for _, id in ipairs(ids) do
      if given[id] then
        found = found + 1
      else
        lost[#lost + 1] = id
      end
    end
  end
  local result = {
    observed = ("%d/%d serializable"):format(found, total),
    expected = ("%d/%d serializable"):format(total, total),
  }
  if #weak > 0 then
    result.verdict, result.evidence = "fail", items(weak, wanted)
  elseif total == 0 then
    result.verdict = "inconclusive"
    result.evidence = { { text = "the server's log shows no write that was committed" } }
  elseif #unknown > 0 then
    result.verdict, result.evidence = "inconclusive", items(unknown, wanted)
  elseif #lost > 0 then
    result.verdict = "inconclusive"
    result.evidence = { { text = "the server's log does not show who wrote " .. evidence.some(lost, 20), ids = lost } }
  else
    result.verdict, result.evidence = "pass", items(good, wanted)
  end
  return result
end

return serializable
