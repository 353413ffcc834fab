---@meta scalerun.target.keyspace
-- Made from lua/scalerun/target/keyspace.lua by scripts/annotations: change it there.

--- Whose data lies where in Redis: every key belongs to the project that stands in its name, and may hold that
--- project's data alone; a key that names none may not hold several projects' data.

---@class scale.target.keyspace
local keyspace = {}

--- The project whose name is a part of the key: "queue:alpha" is alpha's.
---@param key string
---@param projects table<string, boolean>
---@return string?
function keyspace.owner(key, projects) end

---@class scalerun.KeyspaceGiven
---@field cache scale.RunCache
---@field database scale.RunDatabase? tells whose the task ids in the keys are; markers are found without it
---@field projects string[]
---@field markers table<string, string> project → marker, as of scale.taint
---@field pattern string? of the keys to look at; all

--- Looks through Redis, for run:expect(name):evidence(…). Passes when each project's data was found, and only in keys
--- of its own or, where they name no project, alone in its key.
---@param given scalerun.KeyspaceGiven
---@return scalerun.Found
---@return integer keys
function keyspace.look(given) end

return keyspace
