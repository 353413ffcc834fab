--- Makes scripts of the Lua samples in the documentation. What stands behind a block's language says what it is:
---
--- | Words | The block is |
--- |---|---|
--- | none | a whole scenario or workflow |
--- | `check` | the same, but only looked at by scalerun check, as it needs what no sandbox has |
--- | `verify`, `iteration`, `setup` | the body of that function |
--- | `declaration` | keys of a scenario |
--- | `client` | lines with `db`, `cache`, `url`, `key`, … of a sandbox at hand |
---
--- and then the verdict that it is to have: `fail`, `inconclusive`, or `any` where the machine decides it; else pass.
local samples = {}

local VERDICTS = { pass = true, fail = true, inconclusive = true, any = true }

local HEAD = [[
local scale = require "scalerun"
local http, ids, tasks = scale.http, require "scalerun.target.ids", require "scalerun.target.tasks"
local framework = require "scalerun.target.framework"
]]

local RESERVE = [[
local reserved = ids.reserve(project, "US", 1)
project:record("id", reserved.ids[1])
project:record("reservation", reserved.reservation_id)
for _, owner in ipairs(project.projects) do
  if owner ~= project.id then
    local list = tasks.list(project, { as = owner })
    project:record("attempt", { reader = project.id, owner = owner, refused = #list == 0 })
  end
end]]

local CHECK = [[run:expect("the sample ran"):count(seen.iterations):at_least(1)]]

local ROWS = [[
local rows = run.database:query("SELECT count(*) AS n FROM id_reservations WHERE reservation_id::text IN "
  .. "(SELECT jsonb_array_elements_text($1::jsonb))", seen.reservation)[1].n]]

-- $NAME and what takes its place.
local function fill(template, values)
  return (template:gsub("%$(%u+)", values))
end

local SCENARIO = HEAD .. [[
return scale.scenario {
  id = "$ID",
  $GIVEN
}
]]

local LOADED = [[
  sandbox = { reserve_rate = 0 },
  setup = function(run)
    run.target:reset_ids("US")
    $SETUP
  end,
  phases = { {
    name = "work",
    load = { executor = "per-project-iterations", iterations = 25, start = "together" },
    compare = { solo = { projects = 1 }, all = {}, rounds = 3, most = 3 },
    iteration = function(project)
      $ITERATION
    end,
  } },
  verify = function(run, seen, data)
    $VERIFY
    $CHECK
  end,
]]

local makers = {}

function makers.verify(text)
  return fill(LOADED, { SETUP = "", ITERATION = RESERVE, VERIFY = ROWS .. "\n" .. text, CHECK = CHECK })
end

function makers.iteration(text)
  return fill(LOADED, { SETUP = "", ITERATION = text, VERIFY = "", CHECK = CHECK })
end

function makers.setup(text)
  return fill(LOADED, { SETUP = text, ITERATION = RESERVE, VERIFY = "", CHECK = CHECK })
end

-- The keys that the block has not, of a scenario that does something.
function makers.declaration(text)
  local given = { (text:gsub(",?%s*$", ",")) }
  local function add(key, value)
    if not ("\n" .. text):find("\n" .. key .. " = ") then
      given[#given + 1] = key .. " = " .. value .. ","
    end
  end
  if not ("\n" .. text):find "\nphases = " then
    add("load", '{ executor = "per-project-iterations", iterations = 25 }')
    add("iteration", "function(project) ids.reserve(project, 'US', 1) end")
  end
  add("verify", ("function(run, seen) %s end"):format(CHECK))
  add("sandbox", "{ reserve_rate = 0 }")
  return table.concat(given, "\n")
end

---@class spec.Sample
---@field id string of the scenario
---@field kind string "scenario", "workflow", "check", "verify", "client", …
---@field verdict "pass"|"fail"|"inconclusive"|"any"
---@field script string
---@field where string "docs/load.md:12"

local function kind_of(block)
  local kind, verdict = nil, "pass"
  for _, word in ipairs(block.words) do
    if VERDICTS[word] then
      verdict = word
    else
      kind = word
    end
  end
  return kind or block.text:find "return scale%.workflow" and "workflow" or "scenario", verdict
end

--- The script of a block.
---@param block spec.Block
---@param number integer unique
---@return spec.Sample
function samples.make(block, number)
  local where = ("%s:%d"):format(block.path, block.line)
  local kind, verdict = kind_of(block)
  local sample = { id = ("sample-%03d"):format(number), kind = kind, verdict = verdict, where = where }
  if kind == "scenario" or kind == "workflow" or kind == "check" then
    assert(block.text:find "return scale%.[sw]%l+ {", where .. " is no whole script: name what it is a part of")
    sample.script = block.text:gsub('id = "[^"]+"', ('id = "%s"'):format(sample.id), 1)
  elseif kind == "client" then
    sample.script = block.text
  else
    assert(makers[kind], ("%s: there is no kind of sample %s"):format(where, kind))
    sample.script = fill(SCENARIO, { ID = sample.id, GIVEN = makers[kind](block.text) })
  end
  return sample
end

local CLIENTS = HEAD .. [[
local box <close> = scale.sandbox.start { projects = { "alpha", "beta" }, reserve_rate = 0 }
local url, dsn, redis_url, key = box.url, box.dsn, box.redis_url, box.keys.alpha
local db, cache = scale.pg.connect(dsn), scale.redis.connect(redis_url)
local function try(where, fn)
  local ok, err = pcall(fn)
  print(where, ok and "ok" or tostring(err))
end
]]

--- One plain script of all client samples, which prints "WHERE <tab> ok" for each that ran, else its error.
---@param list spec.Sample[]
---@return string
function samples.clients(list)
  local parts = { CLIENTS }
  for _, sample in ipairs(list) do
    parts[#parts + 1] = ("try(%q, function()\n%s\nend)\n"):format(sample.where, sample.script)
  end
  return table.concat(parts)
end

return samples
