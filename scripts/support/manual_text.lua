--- The manual page in mdoc: what the command line takes comes from its table, the rest stands here.
local command_line = require "scripts.support.command_line"

local manual_text = {}

local HEAD = [[
.\" Made by scripts/manual: options from lua/scalerun/cli/options.lua, the rest from scripts/support/manual_text.lua.
.Dd November 26, 2026
.Dt SCALERUN 1
.Os
.Sh NAME
.Nm scalerun
.Nd acceptance tests of multi-tenant systems under load
.Sh SYNOPSIS
]]

local DESCRIPTION = [[
.Sh DESCRIPTION
.Nm
runs scenarios, which are Lua scripts: each project (tenant) goes through them on a thread, an event loop and a Lua
state of its own, and every check names what it observed, what it expected and the evidence.
Nothing passes on no data.
.Pp
Where no system under test is named, a private PostgreSQL, a private Redis and the reference target are started, and
taken down again.
Of a folder, every
.Pa *.lua
is run in natural order.
.Pp
Without arguments, on a terminal,
.Nm
is a prompt.
The result goes to standard output, progress to standard error, and the report to a folder of its own below
.Pa reports .
.Pp
The first Ctrl-C starts no more iterations, leaves 5 seconds to those in flight and still writes the report; the
second ends the run at once.
.Sh COMMANDS
]]

local TAIL = [[
.Sh ENVIRONMENT
.Bl -tag -width XDG_STATE_HOME
.It Ev NO_COLOR
Plain text also on a terminal.
.It Ev SCALERUN_KEYS
The file of
.Fl Fl keys .
.It Ev SCALERUN_LUA_PATH
The folder of
.Fl Fl lua-path .
.It Ev TMPDIR
Where the sandbox lives;
.Pa /tmp
unless set.
.It Ev XDG_STATE_HOME
Where the prompt keeps its history, in
.Pa scalerun/history ;
.Pa ~/.local/state
unless set.
.El
.Sh FILES
.Bl -tag -width reports
.It Pa reports/ Ns Ar run-id Ns Pa /report.html
The page of a run, for people.
.It Pa reports/ Ns Ar run-id Ns Pa /report.json
What a run found, for programs.
.It Pa share/scalerun/meta
Annotations from which editors with lua-language-server complete scripts.
.El
.Sh EXIT STATUS
.Bl -tag -width "130, 143"
.It 0
Pass.
.It 1
Fail: at least one check failed.
.It 2
Inconclusive: the evidence decides neither way.
.It 3
An error in a script, or a pass whose report could not be written.
.It 4
The target or the sandbox cannot be reached.
.It 64
Wrong usage.
.It 130, 143
Ended by SIGINT, SIGTERM.
.El
.Pp
Where several apply: a signal, then an error in a script, fail, not reachable, inconclusive.
.Sh EXAMPLES
All scenarios of a folder against the private sandbox:
.Pp
.Dl $ scalerun scripts/scenarios
.Pp
One scenario with twenty projects against a deployment, with its database as a witness:
.Pp
.Dl $ scalerun --projects 20 --target URL --keys keys.json --database DSN s1.lua
.Pp
A new scenario, looked at before it is run:
.Pp
.Dl $ scalerun new scenario checkout && scalerun check checkout.lua
]]

-- A word at the beginning of a line must not be taken for a request.
local function plain(text)
  return (text:gsub("\\", "\\e"):gsub("^['.]", "\\&%0"))
end

-- The words of a usage line as macros.
local function synopsis(usage)
  local out = { ".Nm" }
  for word in usage:gsub("^scalerun ?", ""):gmatch("%S+") do
    local optional, dots = word:find("^%[") ~= nil, word:find("%.%.%.$") and " ..." or ""
    local inner = word:gsub("[%[%]]", ""):gsub("%.%.%.$", "")
    local macro = inner:find("%u") and "Ar" or "Cm"
    inner = inner:lower():gsub("|", " | ")
    out[#out + 1] = (".%s%s %s%s"):format(optional and "Op " or "", macro, inner, dots)
  end
  return table.concat(out, "\n") .. "\n"
end

local function option_item(option)
  local names = {}
  for _, name in ipairs { option.short or false, option.long } do
    names[#names + 1] = name and (name:gsub("^%-%-", "Fl Fl "):gsub("^%-", "Fl ")) or nil
  end
  local argument = option.argument and (" Ar %s"):format(option.argument:lower():gsub("|", " | ")) or ""
  return (".It %s%s\n%s\n"):format(table.concat(names, " , "), argument, plain(option.about))
end

local function command_section(command)
  local out = { (".Ss %s\n%s\n"):format(command.name, plain(command.about)) }
  for _, group in ipairs(command.groups) do
    -- What every command takes is told once.
    if group.name ~= "General" or command.name == "run" then
      out[#out + 1] = (".Pp\n%s:\n.Bl -tag -width Ds\n"):format(plain(group.name))
      for _, option in ipairs(group.options) do
        out[#out + 1] = option_item(option)
      end
      out[#out + 1] = ".El\n"
    end
  end
  return table.concat(out)
end

-- Lines of text as manual pages have them: at most 78 columns.
local function filled(page)
  local out = {}
  for line in page:gmatch("([^\n]*)\n") do
    if #line <= 78 or line:find("^%.") then
      out[#out + 1] = line
    else
      local row = ""
      for word in line:gmatch("%S+") do
        if row ~= "" and #row + 1 + #word > 78 then
          out[#out + 1] = row
          row = plain(word)
        else
          row = row == "" and word or row .. " " .. word
        end
      end
      out[#out + 1] = row
    end
  end
  return table.concat(out, "\n") .. "\n"
end

--- The page.
---@return string
function manual_text.page()
  local out, commands = { HEAD }, command_line.commands()
  for _, command in ipairs(commands) do
    out[#out + 1] = synopsis(command.usage)
  end
  out[#out + 1] = DESCRIPTION
  for _, command in ipairs(commands) do
    out[#out + 1] = command_section(command)
  end
  out[#out + 1] = TAIL
  return filled(table.concat(out))
end

return manual_text
