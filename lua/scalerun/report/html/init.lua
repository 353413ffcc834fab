--- report.html: one file that needs nothing beside it. It names no address, and its policy lets it load none.
local h = require("scalerun.report.html.markup").element
local markup = require "scalerun.report.html.markup"
local names = require "scalerun.names"
local overview = require "scalerun.report.html.overview"
local scenario = require "scalerun.report.html.scenario"
local script = require "scalerun.report.html.script"
local style = require "scalerun.report.html.style"

local html = {}

local POLICY = ("default-src 'none'; style-src 'unsafe-inline'; script-src '%s'; base-uri 'none'; form-action 'none'")
  :format(script.HASH)

local function pairs_of(title, values)
  local keys = names.sorted(values)
  return #keys > 0 and { h("dt", nil, title), h("dd", nil, markup.each(keys, function(name, index)
    return { index > 1 and ", " or "", name, " ", h("b", nil, values[name]) }
  end)) }
end

local function about(report)
  local run, machine = report.run, report.run.machine
  local hardware = {}
  for _, part in ipairs { machine.cpu or false, machine.cpus .. " CPUs",
    machine.memory_bytes and ("%.1f GB"):format(machine.memory_bytes / 2 ^ 30) or false, machine.os or false,
    machine.kernel and "Linux " .. machine.kernel or false } do
    hardware[#hardware + 1] = part or nil
  end
  return h("footer", nil, h("h2", nil, "How it was run"), h("dl", nil,
    h("dt", nil, "command"), h("dd", nil, h("code", nil, table.concat(run.command, " "))),
    h("dt", nil, "projects"), h("dd", nil, table.concat(run.projects, ", ")),
    h("dt", nil, "machine"), h("dd", nil, table.concat(hardware, ", ")),
    pairs_of("versions", run.versions), pairs_of("settings", run.settings),
    h("dt", nil, "run"), h("dd", nil, h("code", nil, run.id), ": all numbers of this page are in its report.json")))
end

--- The page of a report.
---@param report table the document
---@return string
function html.make(report)
  local title = ("%s · scalerun %s"):format(report.summary.text, report.run.id)
  local page = h("html", { lang = "en" },
    h("head", nil,
      h("meta", { charset = "utf-8" }),
      h("meta", { ["http-equiv"] = "Content-Security-Policy", content = POLICY }),
      h("meta", { name = "viewport", content = "width=device-width, initial-scale=1" }),
      h("meta", { name = "color-scheme", content = "light dark" }),
      h("title", nil, title),
      h("style", nil, markup.raw(style))),
    h("body", nil,
      h("main", nil, overview.section(report), markup.each(report.scenarios, scenario), about(report)),
      h("div", { id = "tip", role = "status", hidden = true }, ""),
      h("script", nil, markup.raw(script.TEXT))))
  return "<!doctype html>\n" .. tostring(page) .. "\n"
end

return html
