--- Reads Markdown as far as the specs of the documentation look at it: fenced blocks, headings, links.
local process = require "scalerun.process"

local markdown = {}

---@class spec.Block a fenced block
---@field path string of its file
---@field line integer of its first line of text
---@field language string "lua"; empty where none is named
---@field words string[] what stands behind the language: { "verify", "fail" }
---@field text string

---@class spec.Page
---@field path string
---@field blocks spec.Block[]
---@field anchors table<string, boolean> of its headings
---@field links { target: string, line: integer }[]
---@field indented integer[] lines of blocks that are indented, where fences are wanted

--- The anchor that GitHub gives a heading.
---@param heading string
---@return string
function markdown.anchor(heading)
  local text = heading:gsub("%[([^%]]*)%]%([^)]*%)", "%1"):gsub("`", "")
  local kept = {}
  for _, code in utf8.codes(text) do
    local char = utf8.char(code)
    if char:find("^[%w_-]$") then
      kept[#kept + 1] = char:lower()
    elseif char == " " then
      kept[#kept + 1] = "-"
    elseif code > 127 and char:find("[\xc3-\xca]") then -- letters; punctuation such as … is above
      kept[#kept + 1] = char
    end
  end
  return table.concat(kept)
end

local function fence_of(line)
  local indent, ticks, info = line:match("^(%s*)(```+)%s*(.-)%s*$")
  if ticks and not info:find("`") then
    return indent, ticks, info
  end
end

local function add_links(page, line, number)
  local prose = line:gsub("`[^`]*`", "")
  for target in prose:gmatch("%]%(([^)%s]+)%)") do
    page.links[#page.links + 1] = { target = target, line = number }
  end
  for target in prose:gmatch('src="([^"]+)"') do
    page.links[#page.links + 1] = { target = target, line = number }
  end
end

local function add_heading(page, counts, line)
  local heading = line:match("^#+%s+(.-)%s*$")
  if heading then
    local anchor = markdown.anchor(heading)
    local count = counts[anchor] or 0
    counts[anchor] = count + 1
    page.anchors[count == 0 and anchor or ("%s-%d"):format(anchor, count)] = true
  end
end

local function new_block(path, number, info)
  local words = {}
  for word in info:gmatch("%S+") do
    words[#words + 1] = word
  end
  return { path = path, line = number, language = table.remove(words, 1) or "", words = words, lines = {} }
end

--- Takes a page apart.
---@param path string
---@param source string
---@return spec.Page
function markdown.read(path, source)
  local page = { path = path, blocks = {}, anchors = {}, links = {}, indented = {} }
  local counts, open, number, before = {}, nil, 0, ""
  for line in (source:gsub("\n?$", "\n")):gmatch("(.-)\n") do
    number = number + 1
    local indent, ticks, info = fence_of(line)
    if open and ticks and #ticks >= #open.ticks and info == "" then
      open.block.text = table.concat(open.block.lines, "\n") .. "\n"
      open.block.lines = nil
      page.blocks[#page.blocks + 1], open = open.block, nil
    elseif open then
      table.insert(open.block.lines, line:sub(#(line:match("^%s*"):sub(1, #open.indent)) + 1))
    elseif ticks then
      open = { ticks = ticks, indent = indent, block = new_block(path, number + 1, info) }
    else
      if line:find("^    %S") and before == "" then
        table.insert(page.indented, number)
      end
      add_heading(page, counts, line)
      add_links(page, line, number)
    end
    before = line
  end
  assert(not open, path .. ": a fence is not closed")
  return page
end

--- Every Markdown file that the project has, without what others' programs bring along.
---@return string[] paths
function markdown.files()
  local found = process.run { "find", ".", "-name", "*.md", "-not", "-path", "*/node_modules/*", "-not", "-path",
    "./build/*", "-not", "-path", "./reports/20*", "-not", "-path", "./.git/*" }
  local list = {}
  for path in found.stdout:gmatch("%./([^\n]+)") do
    list[#list + 1] = path
  end
  table.sort(list)
  return list
end

return markdown
