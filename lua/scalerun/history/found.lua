--- What a checker of the history found, in the form that run:expect(name):evidence() takes.
local verdict = require "scalerun.judge.verdict"

local found = {}

---@class scalerun.Found
---@field verdict string
---@field observed string
---@field expected string
---@field evidence table[]

--- "alpha, phase sets, user 1, iteration 3, id allocate US on replica a, 12.345678 s to 12.349011 s": for people.
---@param op scale.Op
---@return string
function found.request(op)
  local parts = { op.project }
  if op.phase then
    parts[#parts + 1] = "phase " .. op.phase
  end
  parts[#parts + 1] = ("user %d, iteration %d"):format(op.user, op.iteration)
  local what = ("%s %s"):format(op.f, op.kind)
  if op.key then
    what = ("%s %s"):format(what, op.key)
  end
  if op.replica then
    what = ("%s on replica %s"):format(what, op.replica)
  end
  parts[#parts + 1] = what
  parts[#parts + 1] = ("%.6f s to %.6f s"):format(op.started, op.ended)
  return table.concat(parts, ", ")
end

-- What may be so because of operations that are not in the record.
local needs_all = { missing = true, ["unknown value"] = true, overwritten = true }

local function is_certain(findings)
  for _, one in ipairs(findings) do
    if not needs_all[one.problem] then
      return true
    end
  end
  return false
end

--- A found-table: fail where there are findings; inconclusive where nothing was looked at, or where the record has
--- gaps; else pass.
---@param set userdata
---@param findings table a list with total, looked_at
---@param said { observed: string, expected: string, text: (fun(finding: table): string), undecided: boolean?,
---  nothing: boolean? } undecided: the search itself was not shown to work; nothing: there was no data
---@return scalerun.Found
function found.make(set, findings, said)
  local lost = set:lost()
  local outcome = { observed = said.observed, expected = said.expected, evidence = {} }
  for index, one in ipairs(findings) do
    outcome.evidence[index] = {
      text = said.text(one),
      problem = one.problem,
      value = one.value,
      request = one.op,
      other = one.other,
    }
  end
  if findings.total > #findings then
    table.insert(outcome.evidence, { text = ("and %d more"):format(findings.total - #findings) })
  end
  if findings.total > 0 and not said.nothing and (lost == 0 or is_certain(findings)) then
    outcome.verdict = verdict.FAIL
  elseif lost > 0 then
    outcome.verdict = verdict.INCONCLUSIVE
    outcome.observed = ("%s; %d operations could not be kept"):format(said.observed, lost)
  elseif said.nothing or findings.looked_at == 0 or findings.ops == 0 then
    outcome.verdict = verdict.INCONCLUSIVE
    outcome.observed = "the history has nothing to look at"
  else
    outcome.verdict = said.undecided and verdict.INCONCLUSIVE or verdict.PASS
  end
  return outcome
end

return found
