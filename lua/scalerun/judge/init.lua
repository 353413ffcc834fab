--- Collects the checks of one scenario and makes its verdict of them.
local evidence = require "scalerun.judge.evidence"
local expect = require "scalerun.judge.expect"
local verdict = require "scalerun.judge.verdict"

---@class scalerun.Check
---@field name string
---@field verdict string
---@field observed any
---@field expected any
---@field evidence table[] items with `text` and what else is known

---@class scalerun.Judge
---@field checks scalerun.Check[]
local Judge = {}
Judge.__index = Judge

local judge = {}

---@return scalerun.Judge
function judge.new()
  return setmetatable({ checks = {}, unjudged = {} }, Judge)
end

--- Begins a check of this name; it must go on with what is looked at and what must hold.
---@param name string
---@param level integer? whose line stands for the expectation: 2, the default, is the caller of expect
---@return scale.Expectation
function Judge:expect(name, level)
  if type(name) ~= "string" or name == "" then
    error("expect: the check needs a name", level or 2)
  end
  local info = debug.getinfo(level or 2, "Sl")
  local entry = { name = name, where = info and ("%s:%d"):format(info.short_src, info.currentline) or "?" }
  self.unjudged[#self.unjudged + 1] = entry
  return expect.new(name, function(check)
    if entry.done then
      error(("expect(%q): one expectation makes one check; call run:expect again"):format(name), 0)
    end
    entry.done = true
    self.checks[#self.checks + 1] = check
  end)
end

--- Adds a check that was judged elsewhere.
---@param check { name: string, verdict: string, observed: any, expected: any, evidence: (string|table)[]? }
function Judge:add(check)
  self.checks[#self.checks + 1] = {
    name = check.name,
    verdict = check.verdict,
    observed = check.observed,
    expected = check.expected,
    evidence = evidence.items(check.evidence),
  }
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
