--- What scripts require: `local scale = require "scalerun"`. Each field is a module of its own, loaded when
--- it is first looked at.
local fields = require "scalerun.fields"

---@class scale
---@field http scale.http HTTP client: scale.http.get(url), …
---@field pg scale.pg PostgreSQL: scale.pg.connect(dsn)
---@field redis scale.redis Redis: scale.redis.connect(url)
---@field time scale.time clocks and waiting: scale.time.sleep("200ms")
---@field task scale.task concurrent tasks: scale.task.spawn(fn)
---@field json scale.json scale.json.encode, scale.json.decode
---@field mcp scale.mcp MCP client: scale.mcp.connect { url = … }
---@field process scale.process child processes
---@field fs scale.fs files and folders
---@field metrics scale.metrics what operations measured
---@field random scale.random seeded random values and unguessable tokens
---@field target scale.target clients of the system under test
---@field taint scale.taint markers that show whose data is whose
---@field sandbox scale.sandbox a private system under test
---@field workflow scale.workflow declares a workflow: scale.workflow { … }; scale.workflow.load(path) takes one
---@field null userdata JSON's and SQL's null
---@field scenario fun(spec: scale.Scenario): table declares a scenario, which its file returns
---@field agree fun(given: table): table whether two witnesses say the same, for run:expect(…):evidence()
---@field hash fun(text: string): string 16 hexadecimal digits by which long texts are compared; not for secrets
---@field matrix fun(rows: string[], columns: string[]?): scale.Matrix for run:matrix
---@field const fun(values: table): table a table that cannot be changed: what iterations may share with their file
local scale = {}

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
  taint = "scalerun.taint",
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
  agree = function()
    return require("scalerun.witness.agree").judge
  end,
  hash = function()
    return require("scalerun.core.history").hash
  end,
  matrix = function()
    return require("scalerun.matrix").new
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

return setmetatable(scale, {
  __name = "scale",
  __index = function(_, name)
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
