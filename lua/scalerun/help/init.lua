--- The documentation of the library for people at the prompt, from the annotations.
local index = require "scalerun.help.index"
local options = require "scalerun.options"

local help = {}

-- What people call things, beside the names of classes.
local nicknames = {
  project = "scale.Project", run = "scale.Run", seen = "scale.Seen", expect = "scale.Expectation",
  ids = "scale.target.ids", tasks = "scale.target.tasks", framework = "scale.target.framework",
  scenario = "scale.Scenario", load = "scale.Load", phase = "scale.Phase",
}

local function class_called(classes, name)
  local exact = classes[name] or classes["scale." .. name] or classes[nicknames[name] or ""]
  if exact then
    return exact
  end
  for other, class in pairs(classes) do
    if other:lower() == "scale." .. name:lower() then
      return class
    end
  end
end

-- The class and the member that a name such as "http.get", "project:record" or "Run" means.
local function find(classes, name)
  local dotted = name:gsub(":", "."):gsub("%(.*$", "")
  local class = class_called(classes, dotted)
  if class then
    return class
  end
  local owner, last = dotted:match("^(.*)%.([%w_]+)$")
  class = owner and class_called(classes, owner)
  if class then
    return class, index.member(classes, class, last)
  end
  local found, count = nil, 0
  for _, one in pairs(classes) do
    if one.members[dotted] then
      found, count = one, count + 1
    end
  end
  if count == 1 then
    return found, found.members[dotted]
  end
end

local called_so = {}
for nickname, name in pairs(nicknames) do
  called_so[name] = nickname
end

-- What :help is asked for.
local function called(class)
  return called_so[class.name] or (class.name:gsub("^scale%.", ""))
end

local function signature(class, member)
  local owner = class.module and class.name or called_so[class.name] or class.var and class.var:lower() or class.name
  if member.kind == "field" then
    return ("%s.%s: %s"):format(owner, member.name, member.type)
  end
  return ("%s%s%s(%s)"):format(owner, member.kind == "method" and ":" or ".", member.name, member.arguments or "")
end

local function first_sentence(member)
  for _, line in ipairs(member.lines) do
    if not line:find("^@") and line ~= "" then
      return line:match("^(.-[^%.]%.)%s") or line
    end
  end
  return member.text
end

-- A parameter or a result: its name, its type, what is said of it.
local function value_line(line, result)
  local name, rest
  if result then
    name, rest = "returns", line:match("^@return%s+(.*)$")
  else
    name, rest = line:match("^@param%s+(%S+)%s+(.*)$")
  end
  if name then
    local stop = index.type_end(rest)
    local kind, text = rest:sub(1, stop), rest:sub(stop + 1):gsub("^%s+", "")
    return { name = name, kind = kind, text = text }
  end
end

-- Samples stand in fences for Markdown; at the prompt they are set off by their place alone.
local function indented(line, inside)
  return line ~= "" and (inside and "    " or "  ") .. line or ""
end

local function member_text(class, member)
  local out = { signature(class, member), "" }
  local values, told, inside = {}, member.text, false
  for _, line in ipairs(member.lines) do
    local value = value_line(line, line:find("^@return") ~= nil)
    if line:find("^```") then
      inside = not inside
    elseif value then
      values[#values + 1] = value
    elseif not line:find("^@") then
      if #values > 0 then
        values[#values].text = values[#values].text .. " " .. line:gsub("^%s+", "")
      else
        out[#out + 1] = indented(line, inside)
      end
    end
  end
  if told then
    out[#out + 1] = "  " .. told
  end
  if #values > 0 then
    out[#out + 1] = out[#out] ~= "" and "" or nil
  end
  for _, value in ipairs(values) do
    out[#out + 1] = (("  %-10s %s  %s"):format(value.name, value.kind, value.text):gsub("%s+$", ""))
  end
  return table.concat(out, "\n")
end

-- "  scale.workflow(spec: scale.Workflow): scalerun.Workflow  declares a workflow"
local function call_text(class)
  local given = {}
  for position, one in ipairs(class.call.parameters) do
    given[position] = ("%s: %s"):format(one.name, one.type)
  end
  return ("  %s(%s): %s  %s"):format(class.name, table.concat(given, ", "), class.call.returns, class.call.text or "")
end

local function class_text(classes, class)
  local out = { class.module and ("%s (require %q)"):format(class.name, class.module) or class.name, "" }
  for _, lines in ipairs { class.about, class.lines } do
    for _, line in ipairs(lines) do
      out[#out + 1] = line ~= "" and "  " .. line or ""
    end
  end
  out[#out + 1] = out[#out] ~= "" and "" or nil
  if class.call then
    out[#out + 1] = call_text(class)
  end
  local heads, widest = {}, 0
  for _, name in ipairs(class.order) do
    local member = class.members[name]
    local head = member.kind == "field" and name
      or ("%s%s(%s)"):format(member.kind == "method" and ":" or "", name, member.arguments or "")
    heads[name], widest = head, math.max(widest, math.min(#head, 36))
  end
  for _, name in ipairs(class.order) do
    out[#out + 1] = (("  %-" .. widest .. "s  %s"):format(heads[name], first_sentence(class.members[name]) or ""):gsub(
      "%s+$", ""))
  end
  for _, parent in ipairs(class.parents) do
    if classes[parent] then
      out[#out + 1] = ("  and what %s has"):format(parent)
    end
  end
  return table.concat(out, "\n")
end

--- The names that have a text: modules, objects, and their functions and fields.
---@return string[]
function help.topics()
  local classes, list = index.classes(), {}
  for _, class in pairs(classes) do
    if class.name:find("^scale") then
      local owner = called(class)
      list[#list + 1] = owner
      for name in pairs(class.members) do
        list[#list + 1] = ("%s.%s"):format(owner, name)
      end
    end
  end
  table.sort(list)
  return list
end

--- The text about a function, a module or an object; nil and the nearest name where there is none.
---@param name string "http.get", "project:record", "scale.Run", "unique"
---@return string? text
---@return string? nearest
function help.text(name)
  local classes = index.classes()
  local class, member = find(classes, name)
  if member then
    return member_text(class, member)
  elseif class and (not name:find("[.:]") or class_called(classes, name:gsub(":", "."))) then
    return class_text(classes, class)
  end
  return nil, options.nearest(name:gsub(":", "."), help.topics())
end

return help
