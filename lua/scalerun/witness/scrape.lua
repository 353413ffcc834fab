--- Asks a target's replicas for /metrics and makes one scale.Metrics of the answers.
local errors = require "scalerun.errors"
local metrics = require "scalerun.witness.metrics"
local prometheus = require "scalerun.witness.prometheus"
local task = require "scalerun.task"

---@class scalerun.Scrape
---@field replicas { name: string?, unnamed: boolean?, url: string, http: table }[]
---@field mixed string? set once: at one URL several replicas answer, of which only one could be read
local Scrape = {}
Scrape.__index = Scrape

local scrape = {}

local BODY_MAX = 8 * 1024 * 1024

---@param given { url: string, replicas: { name: string, url: string }[]?, timeout: number } replicas: each of them,
---  past the balancer; without them url is taken for the one there is
---@return scalerun.Scrape
function scrape.new(given)
  local replicas = {}
  for index, one in ipairs(given.replicas and #given.replicas > 0 and given.replicas or { { url = given.url } }) do
    replicas[index] = {
      name = one.name,
      unnamed = one.unnamed,
      url = one.url,
      http = require("scalerun.http").client {
        base_url = one.url, timeout = given.timeout, max_body = BODY_MAX, name = "witness",
      },
    }
  end
  return setmetatable({ replicas = replicas }, Scrape)
end

local function fail(kind, message, replica)
  error(errors.new { kind = kind, operation = "target.metrics", message = message, replica = replica }, 0)
end

-- Who answers at a URL that no name is known of: always the same one, or what it counts cannot be compared.
local function recognise(self, replica, answered)
  if replica.name and answered and replica.name ~= answered and not replica.unnamed then
    self.mixed = ("%s answers once as replica %s and once as %s: give --replica-urls A,B,…"):format(
      replica.url, replica.name, answered)
    fail("missing", self.mixed)
  end
  replica.name = replica.name or answered
end

local function ask(self, replica)
  local response = replica.http:get("/metrics")
  if response.status ~= 200 then
    fail(("http %d"):format(response.status), ("%s/metrics answered %d"):format(replica.url, response.status))
  end
  recognise(self, replica, response.headers["x-replica"])
  local found, problem = prometheus.parse(response.body)
  if not found then
    fail("protocol", ("%s/metrics is not Prometheus's text format: %s"):format(replica.url, problem))
  end
  for _, sample in ipairs(found.samples) do
    sample.labels.replica = sample.labels.replica or replica.name
  end
  return found
end

local function asking(self, replica)
  return function()
    local ok, found = pcall(ask, self, replica)
    if not ok and errors.describe(found).kind == "cancel" then
      error(found, 0)
    end
    return { ok = ok, found = found }
  end
end

--- Asks all replicas at once.
---@return scale.Metrics metrics of those that answered
---@return { replica: string, message: string }[] absent those that did not
function Scrape:partial()
  local functions, samples, types, absent = {}, {}, {}, {}
  for index, replica in ipairs(self.replicas) do
    functions[index] = asking(self, replica)
  end
  for index, answer in ipairs(task.all(functions)) do
    if answer.ok then
      table.move(answer.found.samples, 1, #answer.found.samples, #samples + 1, samples)
      for family, kind in pairs(answer.found.types) do
        types[family] = kind
      end
    else
      local replica = self.replicas[index]
      absent[#absent + 1] = {
        replica = replica.name or replica.url,
        message = errors.describe(answer.found).message,
        err = answer.found,
      }
    end
  end
  return metrics.new(samples, types), absent
end

--- The same; raises when one does not answer.
---@return scale.Metrics
function Scrape:all()
  local found, absent = self:partial()
  if absent[1] then
    error(absent[1].err, 0)
  end
  return found
end

return scrape
