--- Reads Prometheus's text format (0.0.4; of OpenMetrics, what it shares with it): HELP and TYPE with their escapes,
--- labels with theirs, timestamps, NaN and infinities. Text in, plain tables out. What a strict reader would refuse is
--- refused, with its line: a witness that is half understood is none.
local prometheus = {}

---@class scalerun.Sample
---@field name string
---@field labels table<string, string>
---@field value number

---@class scalerun.Exposition
---@field samples scalerun.Sample[] in the order of the text
---@field types table<string, string> family → "counter", "gauge", "histogram", "summary", "untyped"
---@field help table<string, string>

local METRIC = "^[%a_:][%w_:]*$"
local LABEL = "^[%a_][%w_]*$"

local kinds = { counter = true, gauge = true, histogram = true, summary = true, untyped = true, unknown = true,
  info = true, stateset = true, gaugehistogram = true }

local words = { nan = 0 / 0, inf = math.huge, infinity = math.huge }

--- A number as the format writes it, nil where it is none. Whole numbers are integers.
---@param text string
---@return number?
function prometheus.number(text)
  local sign, word = text:lower():match("^([+-]?)(%a+)$")
  if words[word] then
    return sign == "-" and -words[word] or words[word]
  elseif not text:find("^[+-]?[%d.]") then
    return nil
  end
  local value = tonumber((text:gsub("^%+", "")))
  return value and (math.tointeger(value) or value)
end

-- Backslash escapes; nil where the text has one that the format does not know.
local function unescaped(text, known)
  local unknown = false
  local plain = text:gsub("\\(.?)", function(char)
    unknown = unknown or not known[char]
    return known[char]
  end)
  return not unknown and plain or nil
end

local in_labels = { ["\\"] = "\\", ['"'] = '"', n = "\n" }
local in_help = { ["\\"] = "\\", n = "\n" }

-- The end (inclusive) of the quoted text that begins at `at`.
local function quoted_end(line, at)
  local position = at + 1
  while position <= #line do
    local byte = line:sub(position, position)
    if byte == '"' then
      return position
    end
    position = position + (byte == "\\" and 2 or 1)
  end
end

-- The labels that begin after `{` at `at`: labels and the position after `}`, or nil and the problem.
local function labels_at(line, at)
  local labels = {}
  while true do
    at = line:find("[^ \t]", at) or #line + 1
    if line:sub(at, at) == "}" then
      return labels, at + 1
    end
    local name, quote = line:match("^([^ \t={},\"]+)[ \t]*=[ \t]*()\"", at)
    if not name or not name:find(LABEL) then
      return nil, "the labels are not name=\"value\""
    elseif labels[name] then
      return nil, ("label %s is there twice"):format(name)
    end
    local finish = quoted_end(line, quote)
    local value = finish and unescaped(line:sub(quote + 1, finish - 1), in_labels)
    if not value then
      return nil, ("the value of label %s does not end, or has an unknown escape"):format(name)
    end
    labels[name] = value
    local separator, after = line:match("^[ \t]*([,}])()", finish + 1)
    if not separator then
      return nil, ("after label %s neither , nor } follows"):format(name)
    elseif separator == "}" then
      return labels, after
    end
    at = after
  end
end

-- A line with a sample: the sample, or nil and the problem.
local function sample_of(line)
  local name, at = line:match("^[ \t]*([^ \t{]+)[ \t]*()")
  if not name or not name:find(METRIC) then
    return nil, "no metric's name stands at its beginning"
  end
  local labels = {}
  if line:sub(at, at) == "{" then
    local read, after = labels_at(line, at + 1)
    if not read then
      return nil, after
    end
    labels, at = read, after
  end
  local rest = line:sub(at):gsub(" # {.*$", "") -- an exemplar of OpenMetrics
  local text, stamp = rest:match("^[ \t]*([^ \t]+)[ \t]*([^ \t]*)[ \t]*$")
  local value = text and prometheus.number(text)
  if not value then
    return nil, ("%q is no value"):format(text or rest)
  elseif stamp ~= "" and not prometheus.number(stamp) then
    return nil, ("%q is no timestamp"):format(stamp)
  end
  return { name = name, labels = labels, value = value }
end

local comments = {}

function comments.HELP(found, name, rest)
  local text = unescaped(rest, in_help)
  if not text then
    return ("HELP of %s has an unknown escape"):format(name)
  elseif found.help[name] then
    return ("HELP of %s is there twice"):format(name)
  end
  found.help[name] = text
end

function comments.TYPE(found, name, rest)
  local kind = rest:match("^(%l+)[ \t]*$")
  if not kinds[kind] then
    return ("%q is no type"):format(rest)
  elseif found.types[name] then
    return ("TYPE of %s is there twice"):format(name)
  end
  found.types[name] = kind
end

local function comment(found, line)
  local word, name, rest = line:match("^[ \t]*#[ \t]*(%u+)[ \t]+([^ \t]+)[ \t]?(.*)$")
  if comments[word] and not name:find(METRIC) then
    return "it names no metric"
  elseif comments[word] then
    return comments[word](found, name, rest)
  end
end

--- What identifies a series: its name and its labels in order.
---@param name string
---@param labels table<string, string>
---@return string
function prometheus.key(name, labels)
  local parts = {}
  for label, value in pairs(labels) do
    parts[#parts + 1] = ("%s=%q"):format(label, value)
  end
  table.sort(parts)
  return ("%s{%s}"):format(name, table.concat(parts, ","))
end

--- The exposition, or nil and what is wrong with which line.
---@param text string
---@return scalerun.Exposition?
---@return string? problem
function prometheus.parse(text)
  local found = { samples = {}, types = {}, help = {} }
  local taken, number = {}, 0
  for line in (text .. "\n"):gmatch("(.-)\r?\n") do
    number = number + 1
    local sample, problem
    if line:find("^[ \t]*#") then
      problem = comment(found, line)
    elseif line:find("[^ \t]") then
      sample, problem = sample_of(line)
    end
    if sample then
      local key = prometheus.key(sample.name, sample.labels)
      problem = taken[key] and ("%s is there twice"):format(key) or nil
      taken[key] = true
      found.samples[#found.samples + 1] = sample
    end
    if problem then
      return nil, ("line %d: %s: %s"):format(number, problem, line:sub(1, 120))
    end
  end
  return found
end

return prometheus
