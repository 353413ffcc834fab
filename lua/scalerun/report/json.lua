--- report.json: what a run showed, for programs. Its shape is part of what scalerun promises; a change that
--- readers would notice changes `schema`.
local document = require "scalerun.report.document"
local encode = require "scalerun.report.encode"
local fs = require "scalerun.fs"
local json = require "scalerun.json"

local report = {}

-- How people read: what it is and how it ended, before the details.
local ORDER = {
  "schema", "run", "target", "id", "project_id", "title", "kind", "name", "text", "unit", "verdict", "summary",
  "requirements", "scenarios", "observed", "expected", "evidence", "started", "duration_s", "script", "covers",
  "generator", "phases", "steps", "checks", "iterations", "ok", "failed", "requests", "errors", "latency_ms",
  "mean", "p50", "p95", "p99", "p999", "max", "projects", "ops", "timeline", "series", "comparisons", "shares",
  "matrices", "message", "traceback",
}

--- @param result table
---@param scrub fun(text: string): string takes secrets out
---@return string
function report.encode(result, scrub)
  return scrub(encode.pretty(document.make(result), ORDER))
end

-- JSON's null is no value to those who read a report.
local function without_null(value)
  if type(value) == "table" then
    for key, one in pairs(value) do
      if one == json.null then
        value[key] = type(key) == "number" and false or nil
      else
        without_null(one)
      end
    end
  end
  return value
end

--- The document of a text; in lists null is false. Nil and what is wrong when the text is no report of this version.
---@param text string
---@return table? document
---@return string? problem
function report.decode(text)
  local value, problem = json.try_decode(text)
  if problem then
    return nil, problem
  elseif type(value) ~= "table" or value.schema ~= document.SCHEMA then
    local found = type(value) == "table" and value.schema
    return nil, found and ("its schema is %s, this program reads %s"):format(tostring(found), document.SCHEMA)
      or ("it is no report (no schema %s)"):format(document.SCHEMA)
  end
  return without_null(value)
end

---@class scalerun.StoredReport
---@field document table
---@field text string
---@field folder string of the run

--- What a run left: its folder or its report.json is named.
---@param path string
---@return scalerun.StoredReport? report
---@return string? problem "reports/x/report.json: …"
function report.read(path)
  local real, whole = pcall(fs.realpath, path)
  local is_folder = real and fs.stat(whole).type == "folder"
  local file = is_folder and path:gsub("(.)/+$", "%1") .. "/report.json" or path
  local ok, text = pcall(fs.read, file)
  if not ok then
    return nil, type(text) == "table" and text.message or tostring(text)
  end
  local found, problem = report.decode(text)
  if not found then
    return nil, ("%s: %s"):format(file, problem)
  end
  return { document = found, text = text, folder = file:match("^(.*)/[^/]*$") or "." }
end

return report
