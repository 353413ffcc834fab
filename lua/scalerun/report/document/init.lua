--- A run's result in the shape of report.json (schema/report-1.json).
local encode = require "scalerun.report.encode"
local machine = require "scalerun.report.document.machine"
local redact = require "scalerun.redact"
local scenario = require "scalerun.report.document.scenario"
local summary = require "scalerun.report.document.summary"
local units = require "scalerun.report.document.units"

local document = {}

document.SCHEMA = "scalerun.report/1"

local function run_of(result)
  return encode.object {
    id = result.id,
    started = result.started,
    duration_s = units.s(result.duration),
    version = result.version,
    seed = result.seed,
    projects = result.projects,
    profile = result.profile,
    command = redact.command(result.command or {}),
    settings = encode.object(redact.settings(result.settings)),
    versions = encode.object(machine.versions(result.target.versions)),
    machine = encode.object(machine.describe()),
    interrupted = result.signal ~= nil,
  }
end

--- @param result table what run.execute returned
---@return table
function document.make(result)
  return encode.object {
    schema = document.SCHEMA,
    run = run_of(result),
    target = encode.object(result.target),
    generator = summary.generator(result.scenarios),
    verdict = result.verdict,
    summary = summary.document(result),
    requirements = summary.requirements(result.scenarios),
    scenarios = units.map(result.scenarios, scenario.row),
  }
end

return document
