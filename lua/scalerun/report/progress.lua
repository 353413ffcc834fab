--- What goes on, on stderr: a live block on a terminal, a line every few seconds elsewhere.
local live = require "scalerun.report.live"

local progress = {}

---@class scalerun.Progress
local Progress = {}
Progress.__index = Progress

-- Seconds between lines where they cannot be overwritten, and between two blocks where they can.
local SELDOM = 5
local OFTEN = 0.1

---@class scalerun.ProgressOptions
---@field write fun(text: string)
---@field live boolean whether what was written can be overwritten
---@field quiet boolean
---@field colour boolean?
---@field now fun(): number
---@field size (fun(): integer?, integer?)? columns and lines of the window

---@param options scalerun.ProgressOptions
---@return scalerun.Progress
function progress.new(options)
  return setmetatable({
    write = options.write,
    live = options.live,
    quiet = options.quiet,
    colour = options.colour,
    now = options.now,
    size = options.size or function() end,
    last = options.now(),
    drawn = -math.huge,
    shown = 0, -- lines of the block
  }, Progress)
end

local function erasing(count)
  return count > 1 and ("\r\27[%dA\27[J"):format(count - 1) or count == 1 and "\r\27[J" or ""
end

--- Takes the live block away: before anything else is written.
function Progress:clear()
  if self.shown > 0 then
    self.write(erasing(self.shown))
    self.shown = 0
  end
end

-- No line may wrap, or the block could not be found again.
local function cut(text, width)
  local at = utf8.offset(text, width)
  return at and text:sub(1, at - 1) or text
end

function Progress:paint(line)
  return self.colour and line:gsub("%d+ failed$", "\27[31m%0\27[0m") or line
end

-- Puts the lines in the place of those that are shown, in one go.
function Progress:draw(lines)
  local width = self.size() or 80
  local out = {}
  for index, line in ipairs(lines) do
    out[index] = self:paint(cut(line, width))
  end
  self.write(erasing(self.shown) .. table.concat(out, "\n"))
  self.shown = #lines
end

--- A line that stays.
---@param text string
function Progress:log(text)
  if not self.quiet then
    self:clear()
    self.write(text .. "\n")
    self.last = self.now()
  end
end

function Progress:seldom(text)
  if self.now() - self.last >= SELDOM then
    self.write(text .. "\n")
    self.last = self.now()
  end
end

--- What stands right now; the next one takes its place.
---@param text string
function Progress:update(text)
  if self.quiet then
    return
  elseif self.live then
    self:draw { text }
  else
    self:seldom(text)
  end
end

--- How far the projects are; the next one takes its place.
---@param view scalerun.LiveView
function Progress:show(view)
  if self.quiet then
    return
  elseif not self.live then
    self:seldom(live.line(view))
  elseif self.now() - self.drawn >= OFTEN then
    self.drawn = self.now()
    local _, height = self.size()
    self:draw(live.lines(view, height or 24))
  end
end

--- An error or warning: shown however quiet the run is.
---@param text string
function Progress:problem(text)
  self:clear()
  self.write(text .. "\n")
end

return progress
