--- What goes on, on stderr: a live line on a terminal, a line every few seconds elsewhere.
local progress = {}

---@class scalerun.Progress
local Progress = {}
Progress.__index = Progress

-- Seconds between lines where they cannot be overwritten.
local SELDOM = 5

---@param options { write: fun(text: string), live: boolean, quiet: boolean, now: fun(): number, width: integer? }
---@return scalerun.Progress
function progress.new(options)
  return setmetatable({
    write = options.write,
    live = options.live,
    quiet = options.quiet,
    now = options.now,
    width = options.width or 80,
    last = options.now(),
    shown = false,
  }, Progress)
end

--- Takes the live line away: before anything else is written.
function Progress:clear()
  if self.shown then
    self.write("\r\27[K")
    self.shown = false
  end
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

--- What stands right now; the next one takes its place.
---@param text string
function Progress:update(text)
  if self.quiet then
    return
  elseif self.live then
    local cut = utf8.offset(text, self.width)
    self.write("\r\27[K" .. (cut and text:sub(1, cut - 1) or text))
    self.shown = true
  elseif self.now() - self.last >= SELDOM then
    self.write(text .. "\n")
    self.last = self.now()
  end
end

--- An error or warning: shown however quiet the run is.
---@param text string
function Progress:problem(text)
  self:clear()
  self.write(text .. "\n")
end

return progress
