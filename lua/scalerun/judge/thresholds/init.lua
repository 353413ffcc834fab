--- Thresholds as data: parsed when the script loads, watched while the load runs, judged when it is over.
local comparison = require "scalerun.judge.comparison"
local grammar = require "scalerun.judge.thresholds.grammar"
local limits = require "scalerun.judge.limits"
local measures = require "scalerun.judge.measures"
local number = require "scalerun.judge.number"
local ratio = require "scalerun.judge.ratio"
local stats = require "scalerun.stats"
local subjects = require "scalerun.judge.thresholds.subjects"
local windows = require "scalerun.judge.thresholds.windows"

local thresholds = {}

--- Reads the declaration's table; refuses what it does not understand.
---@param where string
---@param given table<string, string|table>
---@return scalerun.Threshold[] in the order of their names
function thresholds.parse(where, given)
  local list = {}
  for name, value in pairs(given) do
    list[#list + 1] = grammar.parse(where, name, value)
  end
  table.sort(list, function(a, b)
    return a.name < b.name
  end)
  return list
end

local matchers = { ["<"] = "below", ["<="] = "at_most", [">"] = "above", [">="] = "at_least", ["=="] = "equals" }
local sides = { ["<"] = "below", ["<="] = "below", [">"] = "above", [">="] = "above" }

-- The parts of one side: one, or one for each project.
local function parts_of(seen, found)
  if not found.each then
    local whole, problem = subjects.part(seen, found)
    return { { whole = whole, problem = problem } }
  end
  local list = {}
  for index, project in ipairs(seen.projects) do
    list[index] = { id = project.id, whole = subjects.part(seen, { project = project.id }) }
  end
  return list
end

-- Which of several values is the worst against the condition.
local function is_worse(threshold, value, than)
  if threshold.operator == "==" then
    return math.abs(value - threshold.limit) > math.abs(than - threshold.limit)
  elseif sides[threshold.operator] == "above" then
    return value < than
  end
  return value > than
end

-- The value that decides, and the values of each project where there are several.
local function worst_of(seen, threshold, found)
  local worst, items = nil, {}
  for _, part in ipairs(parts_of(seen, found)) do
    local value, problem = nil, part.problem
    if part.whole then
      value, problem = measures.value(part.whole, found.measure)
    end
    if not value then
      return nil, part.id and ("%s: %s"):format(part.id, problem) or problem
    end
    if part.id then
      items[#items + 1] = { text = ("%s: %s"):format(part.id, limits.text(value, threshold.unit)), project = part.id,
        value = value }
    end
    if not worst or is_worse(threshold, value, worst) then
      worst = value
    end
  end
  return worst, worst == nil and "no project took part" or nil, items
end

local function judge_number(expectation, threshold, value, problem, evidence)
  local subject = number.new(expectation, value, nil, {
    unit = threshold.unit, timing = threshold.timing, problem = problem, evidence = evidence,
  })
  subject[matchers[threshold.operator]](subject, threshold.unit and threshold.limit_text or threshold.limit)
end

-- The comparison of a ratio whose sides can be paired: one side the baseline arm, the other the load's or a project's.
local function pair_of(seen, left, right)
  if not (left.arm or right.arm) or left.each or right.each then
    return nil
  end
  local compared = comparison.of(rawget(seen, "compare") or {})
  if not compared then
    return nil
  end
  local function side(found)
    return { arm = found.arm or compared.load, project = found.project, measure = found.measure }
  end
  return compared, side(left), side(right)
end

local function resolve_both(seen, threshold)
  local compared = comparison.of(rawget(seen, "compare") or {})
  local left, problem = subjects.resolve(seen, threshold.left, compared)
  if not left then
    return nil, nil, problem
  end
  local right
  right, problem = subjects.resolve(seen, threshold.right, compared)
  return left, right, problem
end

local function judge_ratio(expectation, threshold, seen, seed)
  local left, right, problem = resolve_both(seen, threshold)
  if problem then
    return judge_number(expectation, threshold, nil, problem)
  end
  local compared, load, baseline = pair_of(seen, left, right)
  if compared then
    local subject = ratio.new(expectation, comparison.sides(compared, load, baseline, seed))
    local side = sides[threshold.operator]
    return subject[side](subject, threshold.limit, { band = threshold.band })
  end
  local over, under, items
  over, problem, items = worst_of(seen, threshold, left)
  if over then
    under, problem = worst_of(seen, threshold, right)
  end
  if over and under == 0 then
    problem = "the right side is 0"
  end
  judge_number(expectation, threshold, not problem and over / under or nil, problem, items)
end

local function judge_one(expectation, threshold, seen, seed)
  if threshold.right then
    return judge_ratio(expectation, threshold, seen, seed)
  elseif threshold.window then
    local window = rawget(seen, "windows") and seen.windows[threshold.name]
    return judge_number(expectation, threshold, window and window.value,
      window and window.problem or ("no whole window of %g s was watched"):format(threshold.window),
      window and window.evidence)
  end
  local found, problem = subjects.resolve(seen, threshold.left, comparison.of(rawget(seen, "compare") or {}))
  if not found then
    return judge_number(expectation, threshold, nil, problem)
  end
  local value, missing, items = worst_of(seen, threshold, found)
  judge_number(expectation, threshold, value, missing, items)
end

--- Judges each of the thresholds: a check of its own, named as the script has it.
---@param list scalerun.Threshold[]? none of a workflow
---@param seen scale.Seen
---@param judge scalerun.Judge
---@param seed integer? of bootstraps
function thresholds.judge(list, seen, judge, seed)
  for _, threshold in ipairs(list or {}) do
    judge_one(judge:expect(threshold.text, 2, { covers = threshold.covers }), threshold, seen, seed)
  end
end

--- A watch over the scenario's thresholds with a window, for as long as its phases run; nil without any. What it has
--- found is seen.windows.
---@param scenario { thresholds: scalerun.Threshold[]? }
---@param metrics { load: function, merge: function } makes metrics of dumps, and one of several
---@param ops fun(metrics: userdata?): scale.Ops
---@return scalerun.Windows?
function thresholds.windows(scenario, metrics, ops)
  return windows.new(scenario.thresholds, { metrics = metrics, ops = ops, worst = worst_of, is_worse = is_worse })
end

--- The check of a threshold that has ended its phase.
---@param threshold scalerun.Threshold
---@param value number
---@return table check for judge:add
function thresholds.aborted(threshold, value)
  return {
    name = threshold.text,
    verdict = "fail",
    observed = ("%s, after which the phase was ended"):format(limits.text(value, threshold.unit)),
    expected = ("%s %s"):format(threshold.operator, threshold.limit_text),
    covers = threshold.covers,
  }
end

--- Whether a ratio of the scenario's thresholds is still open, so that another round may decide it.
---@param scenario { thresholds: scalerun.Threshold[]? }
---@param seen scale.Seen
---@param seed integer?
---@return boolean
function thresholds.undecided(scenario, seen, seed)
  for _, threshold in ipairs(scenario.thresholds or {}) do
    if threshold.right then
      local left, right, problem = resolve_both(seen, threshold)
      local compared, load, baseline
      if not problem then
        compared, load, baseline = pair_of(seen, left, right)
      end
      local found = compared and comparison.sides(compared, load, baseline, seed)
      local side = sides[threshold.operator]
      if found and stats.sequential(found, threshold.limit, threshold.band, side) == "undecided" then
        return true
      end
    end
  end
  return false
end

-- Whether the value cannot become good again, or is bad by enough to end the run for.
local function is_broken(threshold, value)
  return threshold.operator == "<" and value >= threshold.limit or threshold.operator ~= "<" and value > threshold.limit
end

--- The first threshold with abort = true that what has been seen so far breaks.
---@param scenario { thresholds: scalerun.Threshold[]? }
---@param live scale.Seen ops, projects, duration, windows: so far
---@return scalerun.Threshold? threshold
---@return number? value
function thresholds.broken(scenario, live)
  for _, threshold in ipairs(scenario.thresholds or {}) do
    if threshold.abort then
      local value
      if threshold.window then
        local window = rawget(live, "windows") and live.windows[threshold.name]
        value = window and window.value
      else
        local found = subjects.resolve(live, threshold.left)
        value = found and worst_of(live, threshold, found)
      end
      if value and is_broken(threshold, value) then
        return threshold, value
      end
    end
  end
end

return thresholds
