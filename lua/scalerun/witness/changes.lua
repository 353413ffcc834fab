--- Adds up how counters grow from one look to the next, so that a restart in between, which sets them to 0, loses
--- no more than what was counted since the last look.
local metrics = require "scalerun.witness.metrics"
local prometheus = require "scalerun.witness.prometheus"

---@class scalerun.Changes
---@field restarts integer how often a replica was seen to begin anew
local Changes = {}
Changes.__index = Changes

local changes = {}

---@return scalerun.Changes
function changes.new()
  return setmetatable({ last = {}, grown = {}, gauges = {}, types = {}, ages = {}, looks = {}, restarts = 0 }, Changes)
end

-- How old each replica's process is: by that a restart shows even where counters have overtaken their old value.
local function ages_of(seen)
  local ages = {}
  for _, sample in ipairs(seen.samples) do
    local replica = sample.labels.replica or ""
    if sample.name == "uptime_seconds" then
      ages[replica] = sample.value
    elseif sample.name == "process_start_time_seconds" then
      ages[replica] = ages[replica] or -sample.value
    end
  end
  return ages
end

function Changes:restarted(ages)
  local restarted = {}
  for replica, age in pairs(ages) do
    if self.ages[replica] and age < self.ages[replica] then
      restarted[replica] = true
      self.restarts = self.restarts + 1
    end
    self.ages[replica] = age
  end
  return restarted
end

local function increase(before, now, restarted)
  if restarted or now < before then
    return now
  end
  return now - before
end

--- Takes a look into account; the first look at a replica is what the others are measured from.
---@param seen scale.Metrics
function Changes:add(seen)
  local restarted = self:restarted(ages_of(seen))
  local known = {}
  for replica in pairs(self.looks) do
    known[replica] = true
  end
  for _, sample in ipairs(seen.samples) do
    local key = prometheus.key(sample.name, sample.labels)
    local replica = sample.labels.replica or ""
    self.looks[replica] = true
    if metrics.is_cumulative(sample.name, seen.types) then
      local before = self.last[key] or (known[replica] and 0 or sample.value)
      local grown = self.grown[key] or { name = sample.name, labels = sample.labels, value = 0 }
      if sample.value == sample.value then -- not NaN
        grown.value = grown.value + increase(before, sample.value, restarted[replica])
        self.last[key] = sample.value
      end
      self.grown[key] = grown
    else
      self.gauges[key] = sample
    end
  end
  for family, kind in pairs(seen.types) do
    self.types[family] = kind
  end
end

--- All changes since the first look: counters' increases, and gauges as they were last.
---@return scale.Metrics
function Changes:metrics()
  local keys, all = {}, {}
  for _, source in ipairs { self.grown, self.gauges } do
    for key, sample in pairs(source) do
      keys[#keys + 1] = key
      all[key] = sample
    end
  end
  table.sort(keys)
  local samples = {}
  for index, key in ipairs(keys) do
    local sample = all[key]
    samples[index] = { name = sample.name, labels = sample.labels, value = sample.value }
  end
  return metrics.new(samples, self.types)
end

return changes
