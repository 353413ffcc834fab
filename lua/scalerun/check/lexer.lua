--- Lua's words. Meant for sources that Lua itself has accepted, so that nothing here needs to be refused.
local lexer = {}

---@class scalerun.check.Token
---@field kind "name"|"keyword"|"string"|"number"|"symbol"|"end"
---@field text string of a string its contents, as far as they are plain
---@field line integer

local keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true
  until while]]):gmatch("%a+") do
  keywords[word] = true
end

-- The longest come first.
local symbols = { "...", "<<", ">>", "//", "==", "~=", "<=", ">=", "::", ".." }

local function lines_in(text)
  local _, count = text:gsub("\n", "\n")
  return count
end

-- Where a long bracket that begins at `at` ends, and what is in it; nil where none begins.
local function long_bracket(source, at)
  local level = source:match("^%[(=*)%[", at)
  if level then
    local first = at + #level + 2
    local last, stop = source:find("]" .. level .. "]", first, true)
    return stop or #source, source:sub(first, (last or #source + 1) - 1)
  end
end

-- Where a quoted string that begins at `at` ends, and what is in it.
local function quoted(source, at)
  local quote, index = source:sub(at, at), at + 1
  while index <= #source do
    local char = source:sub(index, index)
    if char == "\\" then
      index = index + 1
    elseif char == quote then
      break
    end
    index = index + 1
  end
  return index, source:sub(at + 1, index - 1)
end

local function number_end(source, at)
  local _, stop = source:find("^0[xX][%x.]*", at)
  local exponent = "^[pP][+-]?%d+"
  if not stop then
    _, stop = source:find("^[%d.]+", at)
    exponent = "^[eE][+-]?%d+"
  end
  local _, with_exponent = source:find(exponent, stop + 1)
  return with_exponent or stop
end

-- The token at `at`: its kind, the position of its last byte, its text. A comment has no kind.
local function token_at(source, at)
  if source:find("^%-%-", at) then
    local stop = long_bracket(source, at + 2)
    return nil, stop or (source:find("\n", at, true) or #source + 1) - 1
  end
  local char = source:sub(at, at)
  local stop, text = long_bracket(source, at)
  if stop then
    return "string", stop, text
  elseif char == '"' or char == "'" then
    stop, text = quoted(source, at)
    return "string", stop, text
  elseif source:find("^%.?%d", at) then
    stop = number_end(source, at)
    return "number", stop, source:sub(at, stop)
  end
  local word = source:match("^[%a_][%w_]*", at)
  if word then
    return keywords[word] and "keyword" or "name", at + #word - 1, word
  end
  for _, symbol in ipairs(symbols) do
    if source:sub(at, at + #symbol - 1) == symbol then
      return "symbol", at + #symbol - 1, symbol
    end
  end
  return "symbol", at, char
end

--- The tokens of a source, and one of kind "end" after them.
---@param source string
---@return scalerun.check.Token[]
function lexer.tokens(source)
  local list, line, at = {}, 1, 1
  if source:sub(1, 1) == "#" then
    at = source:find("\n", 1, true) or #source + 1
  end
  while true do
    local from = source:find("%S", at)
    line = line + lines_in(source:sub(at, (from or #source + 1) - 1))
    if not from then
      list[#list + 1] = { kind = "end", text = "<end>", line = line }
      return list
    end
    local kind, stop, text = token_at(source, from)
    if kind then
      list[#list + 1] = { kind = kind, text = text, line = line }
    end
    line = line + lines_in(source:sub(from, stop))
    at = stop + 1
  end
end

return lexer
