---@meta scalerun
-- Made from lua/scalerun/init.lua by scripts/annotations: change it there.

--- What scripts require: `local scale = require "scalerun"`. Each field is a module of its own, loaded when
--- it is first looked at.

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
---@field stats scale.stats means, percentiles, intervals and tests
---@field sandbox scale.sandbox a private system under test
---@field workflow scale.workflow declares a workflow: scale.workflow { … }; scale.workflow.load(path) takes one
---@field null userdata JSON's and SQL's null
local scale = {}

--- Declares a scenario, which its file returns.
---@param spec scale.Scenario
---@return table scenario
function scale.scenario(spec) end

--- Whether two witnesses say the same, for run:expect(…):evidence(). Disagreement is a fail that names both, what
--- each saw and the tolerance; a witness that saw nothing leaves it undecided.
---
--- ```lua verify
--- run:expect("clients and database count alike"):evidence(scale.agree {
---   name = "reservations",
---   a = { source = "clients", value = seen.ops["ids.reserve"].ok },
---   b = { source = "PostgreSQL, table id_reservations", value = rows },
--- })
--- ```
---@param given scale.Agreement
---@return scale.AgreementFound
function scale.agree(given) end

--- What long texts are compared by; not for secrets.
---@param text string
---@return string hash 16 hexadecimal digits
function scale.hash(text) end

--- A matrix in which nothing has been tried, for run:matrix.
---
--- ```lua verify
--- local probes = scale.matrix(run.projects)
--- for _, one in ipairs(seen.attempt) do
---   probes:count(one.reader, one.owner, one.refused and 0 or 1)
--- end
--- run:matrix("probes of tasks", probes)
--- ```
---@param rows string[] who tries
---@param columns string[]? with whom; the same names unless told
---@return scale.Matrix
function scale.matrix(rows, columns) end

--- A table that cannot be changed: what iterations may share with their file. Tables within are constant too, and
--- copied, so that later changes of what was given do not show.
---@param values table without cycles
---@return table
function scale.const(values) end

return scale
