--- What the words of a measure turn out to be, once it is known which projects, arms and series there were.
local measures = require "scalerun.judge.measures"

local subjects = {}

local function find_project(seen, id)
  for _, project in ipairs(seen.projects) do
    if project.id == id then
      return project
    end
  end
end

local function project_ids(seen)
  local list = {}
  for index, project in ipairs(seen.projects) do
    list[index] = project.id
  end
  return list
end

---@class scalerun.Resolved
---@field measure scalerun.Measure
---@field arm string?
---@field project string?
---@field each boolean? every project for itself

local function resolved(written, series, more)
  more.measure = { series = series, statistic = written.statistic, scheduled = written.scheduled }
  return more
end

--- A series of that whole name goes first; else what stands before the first dot is an arm, a project or "*".
---@param seen scale.Seen
---@param written scalerun.Written
---@param compared scale.Compared?
---@return scalerun.Resolved? resolved
---@return string? problem
function subjects.resolve(seen, written, compared)
  if written.words == "" then
    return resolved(written, nil, {})
  elseif written.series and measures.series(seen.ops, written.words) then
    return resolved(written, written.words, {})
  end
  local subject, series = written.words, nil
  if written.series then
    subject, series = written.words:match("^([^.]+)%.(.+)$")
  end
  if subject == "*" then
    return resolved(written, series, { each = true })
  elseif subject and compared and compared.arms[subject] then
    return resolved(written, series, { arm = subject })
  elseif subject and find_project(seen, subject) then
    return resolved(written, series, { project = subject })
  elseif not written.series then
    return nil, ("'%s' is no project %s"):format(subject, measures.hint(subject, project_ids(seen)))
  end
  -- Who named an existing series has mistyped the subject, else the series.
  if subject and measures.series(seen.ops, series) then
    return nil, ("'%s' is no project and no arm %s"):format(subject, measures.hint(subject, project_ids(seen)))
  end
  local _, problem = measures.series(seen.ops, written.words)
  return nil, problem
end

--- The part of what was seen that is meant: the whole, a project, or all rounds of an arm.
---@param seen scale.Seen
---@param found scalerun.Resolved
---@return table? whole
---@return string? problem
function subjects.part(seen, found)
  if found.project then
    local project = find_project(seen, found.project)
    return { ops = project.ops, projects = { project }, duration = rawget(seen, "duration") }
  elseif found.arm then
    local arms = rawget(seen, "arms")
    local arm = arms and arms[found.arm]
    return arm, not arm and ("arm %s was not measured"):format(found.arm) or nil
  end
  return seen
end

return subjects
