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

-- The target is right to refuse what goes beyond its rate limit: the run could not apply the load.
local RATE_LIMITED = "http 429"

---@class scalerun.Failures
---@field operational table[] { text=, project=, iteration=, kind=, operation=, message= }
---@field mistakes table[] { project=, iteration=, message=, traceback= }
---@field missing string[] what the run was not given, each once
---@field limited string[] what the target's rate limit refused: messages
---@field failed integer iterations that did not end well, also those whose error was not kept

local function add(sorted, project, err)
  if failures.is_cancellation(err) then
    sorted.failed = sorted.failed - 1
  elseif err.kind == "missing" then
    if not sorted.missing[err.message] then
      sorted.missing[err.message] = true
      table.insert(sorted.missing, ("%s: %s"):format(err.operation, err.message))
    end
  elseif err.kind == RATE_LIMITED then
    table.insert(sorted.limited, ("%s: %s: %s"):format(project.id, err.operation, err.message))
  elseif failures.is_operational(err) then
    table.insert(sorted.operational, {
      text = ("%s, iteration %s: %s: %s"):format(project.id, err.iteration or "?", err.operation, err.message),
      project = project.id,
      iteration = err.iteration,
      kind = err.kind,
      operation = err.operation,
      message = err.message,
    })
  else
    table.insert(sorted.mistakes, {
      project = project.id,
      iteration = err.iteration,
      message = tostring(err.message),
      traceback = err.traceback,
    })
  end
end

---@param projects table[] the host's per-project results
---@return scalerun.Failures
function failures.sort(projects)
  local sorted = { operational = {}, mistakes = {}, missing = {}, limited = {}, failed = 0 }
  for _, project in ipairs(projects) do
    sorted.failed = sorted.failed + (project.failed or 0)
    for _, err in ipairs(project.errors or {}) do
      add(sorted, project, err)
    end
  end
  return sorted
end

return failures
