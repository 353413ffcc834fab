--- The page docs/api.md: every public class, function and field, as the annotations tell of them.
local index = require "scalerun.help.index"
local parse = require "scalerun.help.parse"

local page = {}

local HEAD = [[
# API reference

<!-- Made from the comments in lua/scalerun by scripts/reference: change it there. -->

What scripts may use. `:help NAME` at the prompt shows the same texts, and editors complete from them.

- `scale` is what `require "scalerun"` returns. A heading such as `scale.http` is a field of it; one with a capital, as
  in `scale.Run`, is an object that functions are given or return.
- **Durations** that are given are seconds as a number, or a text with a unit: `0.25`, `"250ms"`, `"90s"`, `"2m"`.
  Durations that are returned are seconds as a number. Sizes are bytes.
- A type with `?` may be left out or be nil.
- **Errors** are raised, unless a function says that it returns one: a table with `kind` (a short word to compare),
  `operation` and `message`, see [`scalerun.Error`](#scalerunerror). A wrong argument is an error where the script
  stands, with the nearest known name.
- Functions that wait let other tasks of the same project go on. Each wait has a deadline.

| `kind` of an error | Means |
|---|---|
| `timeout`, `cancel` | the deadline passed; the task was cancelled |
| `dns`, `connect`, `tls` | the name has no address; no connection; no trust |
| `closed`, `protocol` | the peer closed before its answer was complete; what it sent is not the protocol's |
| `limit` | a stated maximum was passed, such as `max_body` |
| `http 503`, … | the target answered with a status that was not expected |
| `server` | PostgreSQL or Redis understood and refused; `detail` has the SQLSTATE or Redis's own word |
| `mcp`, `tool`, `session` | the MCP server's JSON-RPC error; a tool that failed; a session that is lost |
| `missing` | the run cannot reach what was asked for; the message names the option |
| `invalid`, `state`, `unsupported` | a wrong argument; not possible now; not possible here |
| `io` | a file or a program; the message has the system's word |
| `script` | a mistake in the script itself |

]]

-- What stands together, and in which order. A spec says that nothing is left out.
local SECTIONS = {
  { "Declarations", "scenario", "load", "pauses", "compare", "judge/thresholds/grammar", "witness/declaration",
    "workflow", "sandbox/settings" },
  { "What functions are given", "project", "run/context", "run/seen", "steps" },
  { "Checks", "judge/expect", "judge/number", "judge/lists", "judge/ratio", "judge/share", "judge/comparison",
    "stats/ratio", "stats/shares", "witness/agree", "matrix" },
  { "History", "history", "history/found", "taint" },
  { "Witnesses", "run/target", "run/database", "run/cache", "run/balancer", "haproxy", "witness/metrics",
    "witness/prometheus", "witness/plan", "witness/series" },
  { "The target's clients", "target/init", "target/ids", "target/tasks", "target/framework", "target/generation",
    "target/counting", "target/scaling", "target/keyspace", "target/recording" },
  { "Primitives", "init", "errors", "task", "time", "random", "json", "metrics", "http", "http/stream", "mcp/init",
    "mcp/client", "mcp/call", "pg", "pg/pool", "pg/session", "redis", "process", "fs", "stats", "sandbox/init" },
}

-- The anchor of a heading that is one name in backquotes.
local function anchor(name)
  return "#" .. name:lower():gsub("[^%w_-]", "")
end

local function kind_text(kind, classes)
  local name = kind:gsub("|nil$", ""):gsub("%?$", ""):gsub("%[%]$", "")
  local shown = "`" .. kind .. "`"
  return classes[name] and ("[%s](%s)"):format(shown, anchor(name)) or shown
end

local function cell(text)
  return (text or ""):gsub("|", "\\|")
end

-- Names and types in tables stand in code, where only a backslash keeps a bar from ending the cell.
local function write_table(out, heads, rows)
  out[#out + 1] = "| " .. table.concat(heads, " | ") .. " |"
  out[#out + 1] = "|" .. ("---|"):rep(#heads)
  for _, row in ipairs(rows) do
    local cells = {}
    for column = 1, #heads do
      cells[column] = cell(row[column])
    end
    out[#out + 1] = ("| " .. table.concat(cells, " | ") .. " |"):gsub(" +|", " |")
  end
  out[#out + 1] = ""
end

local function write_lines(out, lines)
  for _, line in ipairs(lines) do
    out[#out + 1] = line
  end
  if #lines > 0 then
    out[#out + 1] = ""
  end
end

-- "@param name type text" or "@return type name? text", taken apart.
local function value_of(line)
  local tag, rest = line:match("^@(%w+)%s+(.*)$")
  local name
  if tag == "param" then
    name, rest = rest:match("^(%S+)%s+(.*)$")
  elseif tag ~= "return" then
    return nil
  end
  local stop = index.type_end(rest)
  local kind, text = rest:sub(1, stop), rest:sub(stop + 1):gsub("^%s+", "")
  local optional = name and name:match("^(.-)%?$")
  if tag == "return" and text ~= "" then
    name, text = text:match("^(%S+)%s*(.*)$")
  end
  return { tag = tag, name = optional or name, kind = optional and kind .. "?" or kind, text = text }
end

local function write_function(out, class, member, classes)
  local owner = class.module and class.name or class.var:lower()
  out[#out + 1] = ("#### `%s%s%s(%s)`"):format(owner, member.kind == "method" and ":" or ".", member.name,
    member.arguments or "")
  out[#out + 1] = ""
  local told, values = {}, {}
  for _, line in ipairs(member.lines) do
    if not line:find("^@") then
      if #values > 0 then
        values[#values].text = values[#values].text .. " " .. line:gsub("^%s+", "")
      else
        told[#told + 1] = line
      end
    else
      values[#values + 1] = value_of(line)
    end
  end
  write_lines(out, told)
  local rows = {}
  for position, value in ipairs(values) do
    local name = value.name and "`" .. value.name .. "`"
    rows[position] = { value.tag == "param" and name or name and "returns " .. name or "returns",
      kind_text(value.kind, classes), value.text }
  end
  if #rows > 0 then
    write_table(out, { "", "Type", "" }, rows)
  end
end

-- An object that can be called itself: scale.workflow { … }.
local function write_call(out, class, classes)
  local rows, names = {}, {}
  for position, one in ipairs(class.call.parameters) do
    names[position] = one.name
    rows[position] = { "`" .. one.name .. "`", kind_text(one.type, classes) }
  end
  rows[#rows + 1] = { "returns", kind_text(class.call.returns, classes) }
  write_lines(out, { ("#### `%s(%s)`"):format(class.name, table.concat(names, ", ")) })
  local text = class.call.text
  write_lines(out, { text and text:sub(1, 1):upper() .. text:sub(2) .. "." })
  write_table(out, { "", "Type", "" }, rows)
end

local function write_class(out, class, classes)
  out[#out + 1] = ("### `%s`"):format(class.name)
  out[#out + 1] = ""
  if class.module and class.module ~= "scalerun" then
    write_lines(out, { ("`require %q`"):format(class.module) })
  end
  write_lines(out, class.about)
  write_lines(out, class.lines)
  for _, parent in ipairs(class.parents) do
    if classes[parent] then
      write_lines(out, { ("Has all that %s has, and:"):format(kind_text(parent, classes)) })
    end
  end
  local rows = {}
  for _, name in ipairs(class.order) do
    local member = class.members[name]
    if member.type then
      rows[#rows + 1] = { "`" .. name .. "`", kind_text(member.type, classes), member.text }
    end
  end
  if #rows > 0 then
    write_table(out, { "Field", "Type", "" }, rows)
  end
  if class.call then
    write_call(out, class, classes)
  end
  for _, name in ipairs(class.order) do
    if not class.members[name].type then
      write_function(out, class, class.members[name], classes)
    end
  end
end

local function classes_of(text)
  local list, seen = {}, {}
  for _, item in ipairs(parse.items(text)) do
    if item.kind == "class" and not seen[item.name] then
      seen[item.name] = true
      list[#list + 1] = item.name
    end
  end
  return list
end

--- The page.
---@param files table<string, string> the annotations: "scalerun/meta/http.lua" → its text
---@return string markdown
function page.make(files)
  local texts, left = {}, {}
  for path, text in pairs(files) do
    texts[#texts + 1] = text
    left[path] = true
  end
  local classes, out = index.read(texts), {}
  for _, section in ipairs(SECTIONS) do
    out[#out + 1] = "- " .. ("[%s](%s)"):format(section[1], "#" .. section[1]:lower():gsub("[^%w ]", ""):gsub(" ", "-"))
  end
  out[#out + 1] = ""
  for _, section in ipairs(SECTIONS) do
    out[#out + 1] = "## " .. section[1]
    out[#out + 1] = ""
    for position = 2, #section do
      local path = ("scalerun/meta/%s.lua"):format(section[position])
      local text = files[path] or error("scripts/reference: there is no " .. path, 0)
      left[path] = nil
      for _, name in ipairs(classes_of(text)) do
        write_class(out, classes[name], classes)
      end
    end
  end
  if next(left) then
    error(("scripts/reference: %s stands in no section of scripts/support/reference_page.lua"):format(next(left)), 0)
  end
  return HEAD .. table.concat(out, "\n"):gsub("\n+$", "") .. "\n"
end

return page
