--- What scripts require: `local scale = require "scalerun"`. Each field is a module of its own, loaded when
--- it is first looked at.
---@class scale
---@field http table HTTP client: scale.http.get(url), …
---@field pg table PostgreSQL: scale.pg.connect(dsn)
---@field redis table Redis: scale.redis.connect(url)
---@field time table clocks and waiting: scale.time.sleep("200ms")
---@field task table concurrent tasks: scale.task.spawn(fn)
---@field json table scale.json.encode, scale.json.decode
---@field mcp table MCP client: scale.mcp.connect { url = … }
---@field process table child processes
---@field fs table files and folders
---@field metrics table what operations measured
---@field random table seeded random values and unguessable tokens
---@field target table clients of the system under test
---@field sandbox table a private system under test
---@field null userdata JSON's and SQL's null
---@field scenario fun(spec: scale.Scenario): table declares a scenario
---@field workflow table declares a workflow: scale.workflow { … }; scale.workflow.load(path) takes one from its file
---@field const fun(values: table): table a table that cannot be changed
local fields = require "scalerun.fields"

local modules = {
  fs = "scalerun.fs",
  http = "scalerun.http",
  json = "scalerun.json",
  mcp = "scalerun.mcp",
  metrics = "scalerun.metrics",
  pg = "scalerun.pg",
  process = "scalerun.process",
  random = "scalerun.random",
  redis = "scalerun.redis",
  sandbox = "scalerun.sandbox",
  target = "scalerun.target",
  task = "scalerun.task",
  time = "scalerun.time",
  workflow = "scalerun.workflow",
}

local values = {
  null = function()
    return require("scalerun.core.data").null
  end,
  scenario = function()
    return require("scalerun.scenario").declare
  end,
  const = function()
    return require("scalerun.const").new
  end,
}

local function names()
  local list = {}
  for name in pairs(modules) do
    list[#list + 1] = name
  end
  for name in pairs(values) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

return setmetatable({}, {
  __name = "scale",
  __index = function(scale, name)
    local value
    if modules[name] then
      value = require(modules[name])
    elseif values[name] then
      value = values[name]()
    else
      fields.unknown("scale", name, names(), 2)
    end
    rawset(scale, name, value)
    return value
  end,
})
