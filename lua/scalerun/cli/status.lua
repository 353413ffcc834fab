--- The exit status of a run, and what it means in words.
local status = {}

status.PASS = 0
status.FAIL = 1
status.INCONCLUSIVE = 2
status.SCRIPT = 3
status.UNREACHABLE = 4
status.USAGE = 64
status.SIGNAL = 128 -- plus the signal's number

local signals = { [1] = "SIGHUP", [2] = "SIGINT", [15] = "SIGTERM" }

local function names(rows, verdict)
  local list = {}
  for _, row in ipairs(rows) do
    if row.verdict == verdict then
      list[#list + 1] = row.id
    end
  end
  return table.concat(list, ", ")
end

--- Where several apply: a signal, then an error in a script, fail, not reachable, inconclusive, pass.
---@param result table what run.execute returned
---@return integer status
---@return string text
function status.of(result)
  if result.signal then
    return status.SIGNAL + result.signal, ("interrupted by %s"):format(signals[result.signal] or result.signal)
  elseif result.script_failed then
    return status.SCRIPT, "error in a script"
  elseif result.plain then
    return status.PASS, "done, nothing was judged"
  elseif result.verdict == "fail" then
    return status.FAIL, "fail: " .. names(result.scenarios, "fail")
  elseif result.unreachable then
    return status.UNREACHABLE, "not reachable: " .. result.unreachable
  elseif result.verdict == "inconclusive" then
    local which = names(result.scenarios, "inconclusive")
    return status.INCONCLUSIVE, which == "" and "inconclusive: nothing was judged" or "inconclusive: " .. which
  end
  return status.PASS, "pass"
end

--- A run whose report could not be written has not passed for whoever wants to read it.
---@param code integer
---@param text string
---@param problem string? what was not written, and why, as a sentence goes on
---@return integer status
---@return string text
function status.without(code, text, problem)
  if not problem then
    return code, text
  end
  return code == status.PASS and status.SCRIPT or code, ("%s, but %s"):format(text, problem)
end

return status
