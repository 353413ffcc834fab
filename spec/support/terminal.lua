--- Programs in a pseudo-terminal, for specs of what people see: a tmux of its own holds it.
local fs = require "scalerun.fs"
local process = require "scalerun.process"
local time = require "scalerun.time"

---@class spec.Terminal
---@field folder string temporary; also its HOME
local Terminal = {}
Terminal.__index = Terminal

local terminal = {}

local PATIENCE = 30 -- seconds that anything may take to show

local function quoted(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

function Terminal:tmux(...)
  local given = table.move({ ... }, 1, select("#", ...), 6, { "tmux", "-S", self.folder .. "/tmux", "-f", "/dev/null" })
  given.env, given.timeout = self.env, PATIENCE
  local result = process.run(given)
  return result.status == 0 and result.stdout or nil, result.stderr
end

--- Starts a program; what it exits with is shown below it as "exit STATUS".
---@param words string[]
---@param options { width: integer?, height: integer?, env: table?, home: boolean? }?
---  home: the program begins in its folder
---@return spec.Terminal
function terminal.start(words, options)
  options = options or {}
  local self = setmetatable({ folder = fs.mkdtemp("scalerun-spec-") }, Terminal)
  self.env = { HOME = self.folder, XDG_STATE_HOME = false, TMUX = false, NO_COLOR = false, LC_ALL = "C.UTF-8" }
  for name, value in pairs(options.env or {}) do
    self.env[name] = value
  end
  local list = {}
  for index, word in ipairs(words) do
    list[index] = quoted(word)
  end
  local folder = quoted(options.home and self.folder or ".")
  local line = ("cd %s; %s; echo exit $?; sleep 1000"):format(folder, table.concat(list, " "))
  -- Not as a daemon: the terminal ends with the spec, however that ends.
  self.server = process.spawn { "tmux", "-D", "-S", self.folder .. "/tmux", "-f", "/dev/null", env = self.env,
    stdout = "null", stderr = "null" }
  local deadline = time.now() + PATIENCE
  repeat
    time.sleep("20ms")
    local started = self:tmux("new-session", "-d", "-x", options.width or 100, "-y", options.height or 40, line)
  until started or time.now() > deadline
  return self
end

--- Presses keys, by tmux's names: "Enter", "C-c", "Tab".
function Terminal:press(...)
  assert(self:tmux("send-keys", ...))
end

--- Types text, and Enter.
---@param text string
function Terminal:type(text)
  assert(self:tmux("send-keys", "-l", text))
  self:press("Enter")
end

--- Types text and leaves it there.
---@param text string
function Terminal:text(text)
  assert(self:tmux("send-keys", "-l", text))
end

--- What is on the screen, without the blank lines at its end.
---@return string
function Terminal:screen()
  local shown = assert(self:tmux("capture-pane", "-p"))
  return (shown:gsub("[ ]+\n", "\n"):gsub("\n+$", ""))
end

--- Waits until the screen has the pattern; fails with the screen when it does not come.
---@param pattern string
---@return string screen
function Terminal:wait_for(pattern)
  local deadline = time.now() + PATIENCE
  local shown
  repeat
    shown = self:screen()
    if shown:find(pattern) then
      return shown
    end
    time.sleep("20ms")
  until time.now() > deadline
  error(("the terminal does not show %s:\n%s"):format(pattern, shown), 2)
end

--- Ends the program and the terminal.
function Terminal:close()
  self:tmux("kill-server")
  self.server:wait(PATIENCE)
end

return terminal
