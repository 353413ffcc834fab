---@meta _
-- Made from lua/scalerun/history.lua by scripts/annotations: change it there.

---@class scale.HistoryQuery which operations are meant; what is left out stands for any
---@field kind string? what they were about: "id", "task", "artifact", "resource"
---@field f string? what they did: "allocate", "write", "read", "add", "check"
---@field key string? which one: "US", an artifact's id
---@field project string?
---@field phase string?
---@field arm string? of a comparison
---@field replica string? who answered

---@class scale.Op times in seconds of scale.time.now()
---@field project string
---@field phase string
---@field arm string?
---@field user integer
---@field iteration integer
---@field kind string
---@field f string
---@field key string?
---@field input any
---@field output any
---@field error string? kind of the failure
---@field replica string?
---@field attempt integer how often it was sent
---@field scheduled number
---@field started number
---@field ended number

---@class scale.History
local History = {}

--- Iterates over operations: for op in seen.history:ops { kind = "id" } do … end
---@param query scale.HistoryQuery?
---@return fun(): scale.Op?
function History:ops(query) end

--- How many operations there are, and how many of them failed.
---@param query scale.HistoryQuery?
---@return integer count
---@return integer failed
function History:count(query) end

--- The names of the replicas that answered operations, sorted.
---@param query scale.HistoryQuery?
---@return string[]
function History:replicas(query) end

--- Operations that could not be kept, and bytes that were spilled to disk.
---@return integer lost
---@return integer spilled
function History:lost() end

---@class scale.IdsQuery: scale.HistoryQuery
---@field scope "global"|"project"|nil "project": each project has ids of its own

--- That no id was given out twice. Evidence: each repeated id with both requests.
---@param query scale.IdsQuery? of allocations, unless f says otherwise
---@return scalerun.Found
function History:unique_ids(query) end

---@class scale.SequenceQuery: scale.HistoryQuery
---@field first string "US-001"
---@field last string

--- That exactly the ids from first to last were given out, each once. Evidence: missing, extra and repeated ones.
---@param query scale.SequenceQuery of allocations, unless f says otherwise
---@return scalerun.Found
function History:sequence(query) end

--- That ids follow the clock: of two allocations with one key, the one that had ended before the other began has the
--- smaller ids.
---@param query scale.IdsQuery? of allocations, unless f says otherwise
---@return scalerun.Found
function History:real_time_order(query) end

--- That no operation's output holds another project's marker; those with the own one show that the search finds what
--- is there. Clients keep a bounded output: scale.taint searches whole answers, and what it saw is here too.
---@param markers table<string, string> project → marker
---@param query scale.HistoryQuery?
---@return scalerun.Found
function History:foreign_markers(markers, query) end

---@class scale.ReadsQuery: scale.HistoryQuery
---@field session "project"|"user"|nil whose writes a read must see; "project" unless told

--- That each read sees the writes of its session that were acknowledged before it began, whichever replica answers.
---@param query scale.ReadsQuery? without f
---@return scalerun.Found
function History:read_your_writes(query) end

---@class scale.FoundValue
---@field key string
---@field project string?
---@field value any what it holds, where that is known

---@class scale.LostQuery: scale.HistoryQuery
---@field found (string|scale.FoundValue)[] what is there in the end: keys, or keys with their values

--- That what was acknowledged is there in the end: what adds returned, and the keys of writes, with the last value
--- where `found` has values.
---@param query scale.LostQuery without f
---@return scalerun.Found
function History:lost_writes(query) end

---@class scale.Timeline per interval; seconds
---@field count integer[]
---@field failed integer[]
---@field p50 number[]
---@field p95 number[]
---@field max number[]

--- How many operations began in each interval, and how long they took (exact percentiles).
---@param given { interval: number?, points: integer?, kind: string?, f: string?, phase: string? }? interval: seconds,
---  1 unless told; points: how many intervals there are to be, about
---@return { interval: number, projects: table<string, scale.Timeline> }
function History:timeline(given) end

--- Writes the operations to a file as elle-cli reads them. "register": writes and reads of the kind and key as
--- transactions of one register each (model rw-register); "counter": allocations as increments by the number of ids
--- (model counter).
---@param path string
---@param model "register"|"counter"
---@param query scale.HistoryQuery?
---@return integer ops
function History:export_elle(path, model, query) end
