--- Whether what the target's replicas count can stand beside what clients counted: not where a replica has answered
--- whose /metrics nobody read, as behind a balancer whose replicas were not named.
local coverage = {}

--- What is wrong, or nil. Where there is no count at all, nothing is.
---@param counted scale.Metrics? of the replicas that were read
---@param answered string[] names of the replicas that answered clients, as far as they say so
---@return string?
function coverage.problem(counted, answered)
  local read, named = {}, false
  for _, sample in ipairs(counted and counted.samples or {}) do
    local name = sample.labels.replica
    if name then
      read[name], named = true, true
    end
  end
  if counted and #counted.samples > 0 and not named and #answered > 1 then
    return "several replicas answered, and /metrics does not say whose it is: give --replica-urls A,B,…"
  end
  for _, name in ipairs(answered) do
    if named and not read[name] then
      return ("replica %s answered too, and its /metrics was not read: give --replica-urls A,B,…"):format(name)
    end
  end
end

return coverage
