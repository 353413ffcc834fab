--- The operations, one a line (RFC 4180), from the history that the run left.
local core = require "scalerun.core.history"
local fs = require "scalerun.fs"
local json = require "scalerun.json"
local reader = require "scalerun.stored.reader"

local csv = {}

csv.FILE = "operations.csv"

local COLUMNS = { "scenario", "phase", "arm", "project", "user", "iteration", "kind", "f", "key", "error", "replica",
  "attempt", "scheduled_ns", "started_ns", "ended_ns", "input", "output" }

local function cell(value)
  if value == nil or value == json.null then
    return ""
  end
  local text = type(value) == "string" and value or json.encode(value)
  return text:find('[",\r\n]') and '"' .. text:gsub('"', '""') .. '"' or text
end

local function line_of(op)
  local cells = {}
  for index, name in ipairs(COLUMNS) do
    cells[index] = cell(op[name])
  end
  return table.concat(cells, ",")
end

local function lines_of(path)
  local out = { table.concat(COLUMNS, ",") }
  local file, err = core.open(path)
  if not file then
    return nil, err.message
  end
  local text, problem = file:line()
  while text do
    out[#out + 1] = line_of(json.decode(text))
    text, problem = file:line()
  end
  file:close()
  out[#out + 1] = ""
  return not problem and out or nil, problem and problem.message
end

-- Whether the run says itself that it recorded no operation.
local function had_none(folder)
  local ok, stored = pcall(reader.read, folder)
  return ok and stored.ending.history == false
end

--- @param _ table the document
---@param folder string? of the run
---@return string? text
---@return string? problem
function csv.make(_, folder)
  local path = folder and folder .. "/history.jsonl.zst"
  if not path then
    return nil, "the operations are not there: no folder of a run is named"
  elseif not fs.exists(path) then
    if had_none(folder) then
      return table.concat(COLUMNS, ",") .. "\r\n"
    end
    return nil, "the operations are not there: " .. path
  end
  local lines, problem = lines_of(path)
  if not lines then
    return nil, ("%s: %s"):format(path, problem)
  end
  return table.concat(lines, "\r\n")
end

return csv
