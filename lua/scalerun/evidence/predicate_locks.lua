--- The weaker witness, where the server's log is out of reach: SERIALIZABLE transactions leave SIReadLock
--- entries in pg_locks, which stay until every transaction that overlaps them has ended. So one serializable
--- transaction of our own, held open, keeps a trace of each.
local evidence = require "scalerun.judge.evidence"

---@class scalerun.PredicateLocks
local PredicateLocks = {}
PredicateLocks.__index = PredicateLocks

local predicate_locks = {}

-- Locks on the table, and on its indexes: an update through an index keeps only the lock on the index page.
local HOLDERS = [[
SELECT l.virtualtransaction AS holder, string_agg(DISTINCT c.relname, ', ' ORDER BY c.relname) AS relations
FROM pg_locks l
JOIN pg_class c ON c.oid = l.relation
WHERE l.mode = 'SIReadLock' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (c.oid = to_regclass($1) OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = to_regclass($1)))
GROUP BY 1 ORDER BY 1]]

--- @param holding table a connection of its own: its transaction stays open until close
---@param watched string
---@return scalerun.PredicateLocks
function predicate_locks.begin(holding, watched)
  -- The query takes the snapshot: from here on transactions overlap ours.
  holding:exec("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1")
  return setmetatable({ holding = holding, watched = watched }, PredicateLocks)
end

--- @param holders { holder: string, relations: string }[]
---@param allocations integer? how many transactions must have been serializable
---@return table found
function predicate_locks.judge(holders, allocations)
  local items = {}
  for index, row in ipairs(holders) do
    items[index] = {
      text = ("virtual transaction %s held SIReadLock on %s"):format(row.holder, row.relations),
      virtual_xid = row.holder,
      relations = row.relations,
    }
  end
  local needed = allocations or #holders
  local enough = #holders > 0 and #holders >= needed
  if not enough then
    table.insert(items, 1, {
      text = "pg_locks alone cannot tell: PostgreSQL's log (log_statement = all, log_destination = jsonlog), which "
        .. "the sandbox has, would decide it",
    })
  end
  return {
    verdict = enough and "pass" or "inconclusive",
    observed = ("%d/%d serializable by SIReadLock"):format(math.min(#holders, needed), needed),
    expected = ("%d/%d serializable"):format(needed, needed),
    evidence = evidence.bounded(items),
  }
end

--- Judges the transactions since begin.
---@param connection table
---@param allocations integer?
---@return table found for run:expect(…):evidence()
function PredicateLocks:judge(connection, allocations)
  return predicate_locks.judge(connection:query(HOLDERS, self.watched), allocations)
end

--- Ends our own transaction.
function PredicateLocks:close()
  self.holding:close()
end

return predicate_locks
