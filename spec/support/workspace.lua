--- A folder in which the shell samples of the documentation run: as a clone of the project looks to who stands in it,
--- beside a deployment that is up.
local build = require "scalerun.core.build"
local fs = require "scalerun.fs"
local process = require "scalerun.process"
local sandbox = require "scalerun.sandbox"

local workspace = {}

---@class spec.Workspace
---@field path string
---@field env table<string, string>
---@field box scale.Sandbox the deployment
local Workspace = {}
Workspace.__index = Workspace

local function root()
  return fs.realpath "."
end

-- What a sample may name: the tree's own files, and a script of the reader's.
local function fill(path)
  for _, name in ipairs { "lua", "scripts", "schema" } do
    process.run { "ln", "-s", root() .. "/" .. name, path .. "/" .. name }
  end
  fs.write(path .. "/my_scenario.lua", fs.read "scripts/scenarios/s1_id_reservation.lua")
  fs.mkdir(path .. "/reports")
end

--- Makes one, and starts the deployment.
---@return spec.Workspace
function workspace.new()
  local self = setmetatable({ path = fs.mkdtemp "scalerun-docs-" }, Workspace)
  fill(self.path)
  self.box = sandbox.start { replicas = 2, reserve_rate = 0 }
  fs.write(self.path .. "/keys.json", fs.read(self.box.keys_file))
  local urls = {}
  for index, replica in ipairs(self.box.replicas) do
    urls[index] = replica.url
  end
  self.env = {
    PATH = ("%s:%s"):format(build.executable:match("^(.*)/[^/]*$"), os.getenv "PATH"),
    GITHUB_ACTIONS = false,
    TARGET_URL = self.box.url,
    DATABASE_DSN = self.box.dsn,
    REDIS_URL = self.box.redis_url,
    BALANCER_URL = self.box.balancer.stats_url,
    REPLICA_URLS = table.concat(urls, ","),
  }
  -- Two runs to look at, under the names that samples give them.
  for _, name in ipairs { "before", "after" } do
    local ended = self:run(("scalerun --report made --projects 2 my_scenario.lua && mv made/* reports/%s")
      :format(name))
    assert(ended.status == 0, ended.stdout .. ended.stderr)
  end
  return self
end

--- Runs a text in bash, which ends at the first command that fails.
---@param text string
---@return table ended status, stdout, stderr
function Workspace:run(text)
  return process.run {
    "bash", "-euo", "pipefail", "-c", text, cwd = self.path, env = self.env, timeout = 300,
  }
end

function Workspace:close()
  self.box:stop()
end

return workspace
