--- seen.history: every operation that the projects recorded, as one record that checkers judge. Each checker returns
--- what it found, for run:expect(name):evidence(found). Nothing passes on no data, nor on a record with gaps.
---
---     run:expect("ids are unique"):evidence(seen.history:unique_ids { kind = "id", key = "US" })
local core = require "scalerun.core.history"
local elle = require "scalerun.history.elle"
local fields = require "scalerun.fields"
local found = require "scalerun.history.found"
local names = require "scalerun.names"
local sequence = require "scalerun.judge.sequence"

---@class scale.HistoryQuery which operations are meant; what is left out stands for any
---@field kind string? what they were about: "id", "task", "artifact", "resource"
---@field f string? what they did: "allocate", "write", "read", "add", "check"
---@field key string? which one: "US", an artifact's id
---@field project string?
---@field phase string?
---@field arm string? of a comparison
---@field replica string? who answered

---@class scale.Op times in seconds of scale.time.now()
---@field project string
---@field phase string
---@field arm string?
---@field user integer
---@field iteration integer
---@field kind string
---@field f string
---@field key string?
---@field input any
---@field output any
---@field error string? kind of the failure
---@field replica string?
---@field attempt integer how often it was sent
---@field scheduled number
---@field started number
---@field ended number

---@class scale.History
---@field package set userdata
---@field package origin number? when the first phase began: where timelines start
local History = {}
History.__index = History

local history = {}

local query_keys = { "kind", "f", "key", "project", "phase", "arm", "replica" }

-- A copy of what was given with the keys that a query may have and those of the checker's own.
local function check(name, given, own, fallback)
  local query = {}
  for key, value in pairs(fallback or {}) do
    query[key] = value
  end
  for key, value in pairs(given or {}) do
    local known = false
    for _, list in ipairs { query_keys, own or {} } do
      for _, one in ipairs(list) do
        known = known or one == key
      end
    end
    if not known then
      fields.unknown("history:" .. name, key, table.move(own or {}, 1, #(own or {}), #query_keys + 1,
        table.move(query_keys, 1, #query_keys, 1, {})), 3)
    end
    query[key] = value
  end
  return query
end

local function is_per_project(name, scope)
  if scope ~= nil and scope ~= "global" and scope ~= "project" then
    error(("history:%s: scope is 'global' or 'project', not '%s'"):format(name, tostring(scope)), 3)
  end
  return scope == "project"
end

--- Iterates over operations: for op in seen.history:ops { kind = "id" } do … end
---@param query scale.HistoryQuery?
---@return fun(): scale.Op?
function History:ops(query)
  return self.set:ops(check("ops", query))
end

--- How many operations there are, and how many of them failed.
---@param query scale.HistoryQuery?
---@return integer count
---@return integer failed
function History:count(query)
  return self.set:count(check("count", query))
end

--- The names of the replicas that answered operations, sorted.
---@param query scale.HistoryQuery?
---@return string[]
function History:replicas(query)
  return names.sorted(self.set:replicas(check("replicas", query)))
end

--- Operations that could not be kept, and bytes that were spilled to disk.
---@return integer lost
---@return integer spilled
function History:lost()
  return self.set:lost()
end

---@class scale.IdsQuery: scale.HistoryQuery
---@field scope "global"|"project"|nil "project": each project has ids of its own

--- That no id was given out twice. Evidence: each repeated id with both requests.
---@param query scale.IdsQuery? of allocations, unless f says otherwise
---@return scalerun.Found
function History:unique_ids(query)
  query = check("unique_ids", query, { "scope" }, { f = "allocate" })
  local findings = self.set:unique(query, is_per_project("unique_ids", query.scope))
  return found.make(self.set, findings, {
    observed = ("%d different of %d ids"):format(findings.distinct, findings.looked_at),
    expected = ("%d different"):format(findings.looked_at),
    text = function(one)
      return ("%s was given out twice: %s; and %s"):format(one.value, found.request(one.other), found.request(one.op))
    end,
  })
end

---@class scale.SequenceQuery: scale.HistoryQuery
---@field first string "US-001"
---@field last string

--- That exactly the ids from first to last were given out, each once. Evidence: missing, extra and repeated ones.
---@param query scale.SequenceQuery of allocations, unless f says otherwise
---@return scalerun.Found
function History:sequence(query)
  query = check("sequence", query, { "first", "last" }, { f = "allocate" })
  local kind, low = sequence.parse(query.first)
  local other, high = sequence.parse(query.last)
  if not kind or kind ~= other or low > high then
    error(("history:sequence: %s and %s are not the first and last id of a sequence"):format(
      tostring(query.first), tostring(query.last)), 2)
  end
  local findings = self.set:sequence(query, kind .. "-", low, high)
  local expected = ("%s…%s"):format(query.first, query.last)
  local size = high - low + 1
  return found.make(self.set, findings, {
    observed = findings.total == 0 and expected or ("%d of %d, %d missing, %d extra, %d repeated"):format(
      findings.distinct, size, findings.missing, findings.extra, findings.repeated),
    expected = expected,
    nothing = findings.ops == 0,
    text = function(one)
      if one.problem == "missing" then
        return sequence.format(kind, one.number) .. " is missing"
      end
      return ("%s is %s: %s"):format(one.value, one.problem, found.request(one.op))
    end,
  })
end

--- That ids follow the clock: of two allocations with one key, the one that had ended before the other began has the
--- smaller ids.
---@param query scale.IdsQuery? of allocations, unless f says otherwise
---@return scalerun.Found
function History:real_time_order(query)
  query = check("real_time_order", query, { "scope" }, { f = "allocate" })
  local findings = self.set:real_time_order(query, is_per_project("real_time_order", query.scope))
  return found.make(self.set, findings, {
    observed = ("%d of %d allocations out of order"):format(findings.total, findings.looked_at),
    expected = "each after those that had ended before it began",
    text = function(one)
      return ("%s was given out although a larger id had been before: %s; and then %s"):format(one.value,
        found.request(one.other), found.request(one.op))
    end,
  })
end

--- That no operation's output holds another project's marker; those with the own one show that the search finds what
--- is there. Clients keep a bounded output: scale.taint searches whole answers, and what it saw is here too.
---@param markers table<string, string> project → marker
---@param query scale.HistoryQuery?
---@return scalerun.Found
function History:foreign_markers(markers, query)
  local list = {}
  for project, marker in pairs(markers) do
    list[#list + 1] = { project, marker }
  end
  table.sort(list, function(a, b)
    return a[1] < b[1]
  end)
  local findings = self.set:foreign_markers(check("foreign_markers", query), list)
  return found.make(self.set, findings, {
    observed = ("%d foreign markers in %d outputs, %d controls held"):format(findings.total, findings.looked_at,
      findings.controls),
    expected = "none",
    undecided = findings.controls == 0,
    text = function(one)
      return ("%s was sent %s's marker: %s"):format(one.op.project, one.owner, found.request(one.op))
    end,
  })
end

local complaints = {
  stale = "an older value",
  nothing = "nothing",
  ["unknown value"] = "a value that nobody has written",
}

---@class scale.ReadsQuery: scale.HistoryQuery
---@field session "project"|"user"|nil whose writes a read must see; "project" unless told

--- That each read sees the writes of its session that were acknowledged before it began, whichever replica answers.
---@param query scale.ReadsQuery? without f
---@return scalerun.Found
function History:read_your_writes(query)
  query = check("read_your_writes", query, { "session" })
  local session = query.session or "project"
  if session ~= "project" and session ~= "user" then
    error(("history:read_your_writes: session is 'project' or 'user', not '%s'"):format(tostring(session)), 2)
  end
  local findings = self.set:read_your_writes(query, session == "user")
  return found.make(self.set, findings, {
    observed = ("%d of %d reads missed a write"):format(findings.total, findings.looked_at),
    expected = "each sees what was written before it",
    text = function(one)
      return ("%s of %s returned %s: %s; written before: %s"):format(one.op.kind, one.op.key or "?",
        complaints[one.problem], found.request(one.op), found.request(one.other))
    end,
  })
end

---@class scale.FoundValue
---@field key string
---@field project string?
---@field value any what it holds, where that is known

---@class scale.LostQuery: scale.HistoryQuery
---@field found (string|scale.FoundValue)[] what is there in the end: keys, or keys with their values

--- That what was acknowledged is there in the end: what adds returned, and the keys of writes, with the last value
--- where `found` has values.
---@param query scale.LostQuery without f
---@return scalerun.Found
function History:lost_writes(query)
  query = check("lost_writes", query, { "found" })
  if type(query.found) ~= "table" then
    error("history:lost_writes: found must be the list of what is there in the end", 2)
  end
  local list = {}
  for index, one in ipairs(query.found) do
    list[index] = type(one) == "table" and one or { key = one }
  end
  local findings = self.set:lost_writes(query, list)
  return found.make(self.set, findings, {
    observed = ("%d of %d acknowledged writes lost"):format(findings.total, findings.looked_at),
    expected = "none",
    text = function(one)
      if one.problem == "overwritten" then
        return ("%s does not hold what was written last, but %s: %s"):format(one.op.key, one.value,
          found.request(one.op))
      end
      return ("%s was acknowledged and is not there: %s"):format(one.value, found.request(one.op))
    end,
  })
end

---@class scale.Timeline per interval; seconds
---@field count integer[]
---@field failed integer[]
---@field p50 number[]
---@field p95 number[]
---@field max number[]

-- 1, 2 or 5 times a power of ten, at least 10 ms.
local function round_interval(seconds)
  local power = 0.01
  while true do
    for _, factor in ipairs { 1, 2, 5 } do
      if power * factor >= seconds then
        return power * factor
      end
    end
    power = power * 10
  end
end

--- How many operations began in each interval, and how long they took (exact percentiles).
---@param given { interval: number?, points: integer?, kind: string?, f: string?, phase: string? }? interval: seconds,
---  1 unless told; points: how many intervals there are to be, about
---@return { interval: number, projects: table<string, scale.Timeline> }
function History:timeline(given)
  local query = check("timeline", given, { "interval", "points" })
  local origin, ended = self.set:span(query)
  local interval = query.interval or query.points and round_interval(origin and (ended - origin) / query.points or 0)
    or 1
  local timeline = { interval = interval, projects = {} }
  for _, project in ipairs(origin and self.projects or {}) do
    query.project = project
    timeline.projects[project] = self.set:timeline(query, origin, interval)
  end
  return timeline
end

--- Writes the operations to a file as elle-cli reads them. "register": writes and reads of the kind and key as
--- transactions of one register each (model rw-register); "counter": allocations as increments by the number of ids
--- (model counter).
---@param path string
---@param model "register"|"counter"
---@param query scale.HistoryQuery?
---@return integer ops
function History:export_elle(path, model, query)
  return elle.export(self, path, model, check("export_elle", query))
end

---@param parts { history: userdata, project: string, phase: string?, arm: string?, scenario: string? }[]
---@return scale.History
function history.new(parts)
  local projects, known = {}, {}
  for _, part in ipairs(parts) do
    if not known[part.project] then
      known[part.project] = true
      projects[#projects + 1] = part.project
    end
  end
  return setmetatable({ set = core.set(parts), projects = projects }, History)
end

return history
