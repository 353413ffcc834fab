--- What the sampler sees of the target: /metrics of each replica, over connections of its own. Keeps what all counters
--- have grown by since the first look.
local changes = require "scalerun.witness.changes"
local scrape = require "scalerun.witness.scrape"

local source = {}

source.connections = 1 -- to each replica

local function pool_of(found, values, labels, suffix)
  values[#values + 1] = { "pool used" .. suffix, found:sum("db_pool_connections", labels { state = "active" }) }
  values[#values + 1] = { "pool max used" .. suffix, found:max("db_pool_max_used", labels {}) }
end

local function replicas_of(found)
  local names, taken = {}, {}
  for _, sample in ipairs(found.samples) do
    local name = sample.labels.replica
    if name and not taken[name] then
      taken[name] = true
      names[#names + 1] = name
    end
  end
  return names
end

-- "pool used" is the sum over replicas, "pool max used" the fullest pool's; of several replicas each has its own.
local function values_of(found, grown)
  local values = {
    { "pool timeouts", grown:sum("db_pool_timeouts_total") },
    { "cache hits", grown:sum("mcp_resource_cache_hits_total") },
    { "cache misses", grown:sum("mcp_resource_cache_misses_total") },
  }
  pool_of(found, values, function(labels)
    return labels
  end, "")
  local names = replicas_of(found)
  for _, name in ipairs(#names > 1 and names or {}) do
    pool_of(found, values, function(labels)
      labels.replica = name
      return labels
    end, " " .. name)
  end
  return values
end

---@param given { target: { url: string, replicas: table? }, timeout: number }
function source.open(given)
  local scraper = scrape.new {
    url = given.target.url, replicas = given.target.replicas, timeout = given.timeout,
  }
  local changed, looks = changes.new(), 0
  local missed, silent -- at the first look, and at the last
  return {
    sample = function()
      local found, absent = scraper:partial()
      looks, silent = looks + 1, absent[1]
      missed = looks == 1 and silent or missed
      if #found.samples > 0 then
        changed:add(found)
      end
      return values_of(found, changed:metrics()), absent
    end,
    -- What the runner gives to run.target:during. Where the first or the last look missed somebody, so do the counts.
    result = function()
      local all, gap = changed:metrics(), missed or silent
      return {
        samples = all.samples,
        types = all.types,
        restarts = changed.restarts,
        problem = scraper.mixed or gap and ("the %s look at replica %s failed: %s"):format(missed and "first" or "last",
          gap.replica, gap.message) or nil,
      }
    end,
    close = function() end,
  }
end

return source
