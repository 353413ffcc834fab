--- Just enough of SQL to read a server's statement log: where statements end, and what is code in them.
local sql = {}

-- The end (exclusive) of the quoted text that begins at `at`. Backslashes count only in E'…'.
local function quoted_end(text, at, quote, escapes)
  local position = at + 1
  while position <= #text do
    local char = text:sub(position, position)
    if char == "\\" and escapes then
      position = position + 1
    elseif char == quote then
      if text:sub(position + 1, position + 1) ~= quote then
        return position + 1
      end
      position = position + 1
    end
    position = position + 1
  end
  return #text + 1
end

local function comment_end(text, at)
  local depth, position = 1, at + 2
  while depth > 0 do
    local found = text:find("[/*][/*]", position)
    if not found then
      return #text + 1
    end
    local pair = text:sub(found, found + 1)
    if pair == "/*" then
      depth, position = depth + 1, found + 2
    elseif pair == "*/" then
      depth, position = depth - 1, found + 2
    else
      position = found + 1
    end
  end
  return position
end

-- The end of what is not code at `at`, and what takes its place; nil where code stands.
local function skipped(text, at)
  local char, pair = text:sub(at, at), text:sub(at, at + 1)
  if char == "'" then
    local before = text:sub(math.max(at - 2, 0), at - 1)
    return quoted_end(text, at, "'", before:find("^[^%w_]?[eE]$") ~= nil), "''"
  elseif char == '"' then
    local finish = quoted_end(text, at, '"', false)
    -- A quoted name is code: what matters here is only that it may hold anything.
    local name = text:sub(at + 1, finish - 2)
    return finish, name:find("^[%w_]+$") and name or '""'
  elseif pair == "--" then
    return text:find("\n", at, true) or #text + 1, " "
  elseif pair == "/*" then
    return comment_end(text, at), " "
  elseif char == "$" then
    local tag = text:match("^%$[%a_]*[%w_]*%$", at)
    if tag then
      local _, finish = text:find(tag, at + #tag, true)
      return (finish or #text) + 1, "''"
    end
  end
end

--- The statements of a text, each without its literals and comments, and without quotes around plain names.
---@param text string
---@return string[] statements
---@return string[] sources the same as they stand in the text
function sql.statements(text)
  local list, sources, parts, began = {}, {}, {}, 1
  local function close(finish)
    local code = table.concat(parts):gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")
    if code ~= "" then
      list[#list + 1] = code
      sources[#sources + 1] = text:sub(began, finish)
    end
    parts, began = {}, finish + 2
  end
  local at = 1
  while at <= #text do
    local next_at = text:find("['\"$/;-]", at) or #text + 1
    parts[#parts + 1] = text:sub(at, next_at - 1)
    at = next_at
    if at > #text then
      break
    end
    local finish, replacement = skipped(text, at)
    if finish then
      parts[#parts + 1] = replacement
      at = finish
    elseif text:sub(at, at) == ";" then
      close(at - 1)
      at = at + 1
    else
      parts[#parts + 1] = text:sub(at, at)
      at = at + 1
    end
  end
  close(#text)
  return list, sources
end

local writers = { "insert into", "update", "update only", "delete from", "delete from only", "merge into", "truncate",
  "truncate table", "copy" }

--- Whether the statement (as sql.statements gives it) writes the table.
---@param code string
---@param name string without schema
---@return boolean
function sql.writes(code, name)
  local lower = " " .. code:lower() .. " "
  local plain = name:lower():gsub("%W", "%%%0")
  for _, verb in ipairs(writers) do
    local pattern = "%f[%w_]" .. verb:gsub(" ", " +") .. " +([%w_.]*)%f[%w_]" .. plain .. "%f[^%w_](.*)"
    local schema, rest = lower:match(pattern)
    if schema and (schema == "" or schema:sub(-1) == ".") then
      if verb ~= "copy" or rest:find("%f[%w_]from%f[^%w_]") then
        return true
      end
    end
  end
  return false
end

local levels = {
  serializable = "serializable",
  ["repeatable read"] = "repeatable read",
  ["read committed"] = "read committed",
  ["read uncommitted"] = "read committed", -- PostgreSQL has no weaker one
}

--- An isolation level by its name; nil for other words.
---@param name string
---@return string?
function sql.level(name)
  return levels[name:lower():gsub("%s+", " ")]
end

--- The isolation level among a transaction's modes: "ISOLATION LEVEL SERIALIZABLE, READ ONLY".
---@param code string
---@return string?
function sql.level_in(code)
  local rest = code:lower():match("isolation level (.*)")
  if not rest then
    return nil
  end
  return sql.level(rest:match("^serializable") or rest:match("^repeatable read") or rest:match("^read %a+") or "")
end

return sql
