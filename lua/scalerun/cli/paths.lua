--- Which scripts the words of the command line stand for.
local paths = {}

-- "s10" sorts after "s9": runs of digits compare as numbers.
local function pieces(text)
  local list = {}
  for word, digits in text:lower():gmatch("(%D*)(%d*)") do
    if word ~= "" then
      list[#list + 1] = word
    end
    if digits ~= "" then
      list[#list + 1] = tonumber(digits)
    end
  end
  return list
end

--- Whether a comes before b, as people sort.
---@param a string
---@param b string
---@return boolean
function paths.before(a, b)
  local left, right = pieces(a), pieces(b)
  for index = 1, math.min(#left, #right) do
    local one, other = left[index], right[index]
    if one ~= other then
      if type(one) ~= type(other) then
        return type(one) == "number"
      end
      return one < other
    end
  end
  if #left ~= #right then
    return #left < #right
  end
  return a < b
end

--- The scripts in order: files as given, folders as their *.lua in natural order.
---@param words string[]
---@param fs { stat: fun(path: string): table?, list: fun(path: string): string[] } scale.fs
---@return string[]? files
---@return string? problem
function paths.expand(words, fs)
  local files = {}
  for _, word in ipairs(words) do
    local info = fs.stat(word:gsub("/*$", "/.")) -- what a link leads to
    if info and info.type == "folder" then
      local names = {}
      for _, name in ipairs(fs.list(word)) do
        if name:find("%.lua$") and not name:find("^%.") then
          names[#names + 1] = name
        end
      end
      if #names == 0 then
        return nil, ("%s: the folder has no *.lua"):format(word)
      end
      table.sort(names, paths.before)
      for _, name in ipairs(names) do
        files[#files + 1] = word:gsub("/+$", "") .. "/" .. name
      end
    else
      files[#files + 1] = word
    end
  end
  return files
end

return paths
