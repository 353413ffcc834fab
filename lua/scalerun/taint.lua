--- Markers that show whose data is whose: every project writes its own, and what any other project is sent is
--- searched for them.
local random = require "scalerun.random"

---@class scale.taint
local taint = {}

--- One marker for each project, made anew each time, that nobody can guess.
---@param projects string[]
---@return table<string, string> markers by project
function taint.markers(projects)
  local markers = {}
  for _, project in ipairs(projects) do
    markers[project] = "taint-" .. random.token(16)
  end
  return markers
end

--- The projects, other than the reader, whose marker stands in the text.
---@param text string
---@param markers table<string, string>
---@param reader string
---@return string[]
function taint.found(text, markers, reader)
  local list = {}
  for project, marker in pairs(markers) do
    if project ~= reader and text:find(marker, 1, true) then
      list[#list + 1] = project
    end
  end
  table.sort(list)
  return list
end

--- From now on every answer that this project is sent is searched. Each is recorded as "scanned", each foreign
--- marker in one as "leak", and each that has the project's own marker, which shows that the search finds what is
--- there, as "taint_control". The history has them too: seen.history:foreign_markers.
---@param project scale.Project
---@param markers table<string, string>
function taint.watch(project, markers)
  project:on_answer(function(operation, answer)
    project:record("scanned", operation)
    local seen = {}
    if answer.body:find(markers[project.id], 1, true) then
      project:record("taint_control", operation)
      seen[1] = markers[project.id]
    end
    for _, owner in ipairs(taint.found(answer.body, markers, project.id)) do
      seen[#seen + 1] = markers[owner]
      project:record("leak", {
        text = ("%s was sent %s's marker in the answer to %s"):format(project.id, owner, answer.request),
        reader = project.id,
        owner = owner,
        operation = operation,
        request = answer.request,
      })
    end
    project:op { kind = "answer", f = "check", key = operation, input = answer.request, output = seen,
      replica = answer.replica }
  end)
end

return taint
