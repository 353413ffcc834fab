--- Collects the checks of one scenario and makes its verdict of them.
local evidence = require "scalerun.judge.evidence"
local expect = require "scalerun.judge.expect"
local options = require "scalerun.options"
local verdict = require "scalerun.judge.verdict"

---@class scalerun.Check
---@field name string
---@field verdict string
---@field observed any
---@field expected any
---@field evidence table[] items with `text` and what else is known

---@field covers string[]? the requirements that it judges, where it says so itself

---@class scalerun.Judge
---@field checks scalerun.Check[]
---@field comparisons table[] the paired ratios that were judged, for the report
---@field shares table[] the shares that were judged
---@field generator scalerun.Validity? what became of the load: at its limit, it makes checks of timing inconclusive
local Judge = {}
Judge.__index = Judge

local judge = {}

---@return scalerun.Judge
function judge.new()
  return setmetatable({ checks = {}, comparisons = {}, shares = {}, unjudged = {} }, Judge)
end

-- A generator at its limit has measured itself.
local function spoilt(check, generator)
  local reasons = {}
  for _, finding in ipairs(generator.findings) do
    reasons[#reasons + 1] = finding.text
    table.insert(check.evidence, { text = "generator: " .. finding.text, observed = finding.observed,
      limit = finding.limit })
  end
  check.verdict = verdict.INCONCLUSIVE
  check.observed = ("%s, but the generator was at its limit: %s"):format(tostring(check.observed), reasons[1])
end

function Judge:keep(check, more)
  if more.timing and self.generator and self.generator.verdict == "invalid" then
    spoilt(check, self.generator)
  end
  for name, list in pairs { comparison = self.comparisons, share = self.shares } do
    if more[name] then
      more[name].verdict = check.verdict
      list[#list + 1] = more[name]
    end
  end
  self.checks[#self.checks + 1] = check
end

--- The requirements of one check: "NFR-1" or a list of them.
local function requirements(covers, level)
  local list = type(covers) == "string" and { covers } or covers
  local ok = list == nil or type(list) == "table"
  for _, one in ipairs(ok and list or {}) do
    ok = ok and type(one) == "string"
  end
  if not ok then
    error("expect: covers is the id of a requirement, or a list of them", level + 1)
  end
  return list
end

--- Begins a check of this name; it must go on with what is looked at and what must hold.
---@param name string
---@param level integer? whose line stands for the expectation: 2, the default, is the caller of expect
---@param about { covers: string|string[]|nil, timing: boolean? }?
---@return scale.Expectation
function Judge:expect(name, level, about)
  if type(name) ~= "string" or name == "" then
    error("expect: the check needs a name", level or 2)
  end
  options.check("expect", about, { covers = "string|table", timing = "boolean" }, level or 2)
  local covers = requirements(about and about.covers, level or 2)
  local info = debug.getinfo(level or 2, "Sl")
  local entry = { name = name, where = info and ("%s:%d"):format(info.short_src, info.currentline) or "?" }
  self.unjudged[#self.unjudged + 1] = entry
  return expect.new(name, function(check, more)
    if entry.done then
      error(("expect(%q): one expectation makes one check; call run:expect again"):format(name), 0)
    end
    entry.done = true
    check.covers = covers
    more.timing = more.timing or about and about.timing
    self:keep(check, more)
  end)
end

--- Adds a check that was judged elsewhere.
---@param check { name: string, verdict: string, observed: any, expected: any, evidence: (string|table)[]? }
---@param more { timing: boolean?, comparison: table?, share: table? }? as conclude.check takes it
function Judge:add(check, more)
  self:keep({
    name = check.name,
    verdict = check.verdict,
    observed = check.observed,
    expected = check.expected,
    evidence = evidence.items(check.evidence),
    covers = check.covers,
  }, more or {})
end

--- Expectations that were begun and never said what must hold: mistakes of the script.
---@return string[] messages "s1.lua:12: …"
function Judge:unfinished()
  local list = {}
  for _, entry in ipairs(self.unjudged) do
    if not entry.done then
      list[#list + 1] = ("%s: expect(%q) does not say what must hold: go on with :count(n):equals(…), "
        .. ":values(list):unique() and so on"):format(entry.where, entry.name)
    end
  end
  return list
end

--- The worst verdict of all checks; inconclusive when there are none.
---@return string
function Judge:verdict()
  local list = {}
  for index, check in ipairs(self.checks) do
    list[index] = check.verdict
  end
  return verdict.worst(list)
end

return judge
