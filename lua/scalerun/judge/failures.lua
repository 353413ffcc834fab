--- Sorts what iterations raised: failed operations, which the system under test answers for, and mistakes of
--- the script, which it does not.
local failures = {}

-- Operations refuse wrong arguments with an error table too; those are the script's own.
local mistakes = { script = true, invalid = true }

--- Whether the error came from an operation that failed.
---@param err table|string an error value, or what the host kept of one
---@return boolean
function failures.is_operational(err)
  return type(err) == "table" and err.operation ~= nil and not mistakes[err.kind]
end

--- Whether the error only says that its task was ended.
---@param err table|string
---@return boolean
function failures.is_cancellation(err)
  return type(err) == "table" and err.kind == "cancel"
end

---@param projects table[] the host's per-project results
---@return table[] operational { project=, iteration=, kind=, operation=, message= }
---@return table[] mistakes { project=, iteration=, message=, traceback= }
---@return integer failed iterations that did not end well, also those whose error was not kept
function failures.sort(projects)
  local operational, broken, failed = {}, {}, 0
  for _, project in ipairs(projects) do
    failed = failed + (project.failed or 0)
    for _, err in ipairs(project.errors or {}) do
      if failures.is_cancellation(err) then
        failed = failed - 1
      elseif failures.is_operational(err) then
        operational[#operational + 1] = {
          text = ("%s, iteration %s: %s: %s"):format(project.id, err.iteration or "?", err.operation, err.message),
          project = project.id,
          iteration = err.iteration,
          kind = err.kind,
          operation = err.operation,
          message = err.message,
        }
      else
        broken[#broken + 1] = {
          project = project.id,
          iteration = err.iteration,
          message = tostring(err.message),
          traceback = err.traceback,
        }
      end
    end
  end
  return operational, broken, math.max(failed, #operational + #broken)
end

return failures
