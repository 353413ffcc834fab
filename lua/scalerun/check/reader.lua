--- Reads a script's syntax for what it uses: globals, members of locals, functions and what their first argument is
--- used for. The source is one that Lua has accepted.
local lexer = require "scalerun.check.lexer"
local statements = require "scalerun.check.statements"

---@class scalerun.check.Variable
---@field name string
---@field line integer
---@field origin scalerun.check.Origin? what it was set to, where that can be told
---@field owner scalerun.check.Function? the function whose parameter it is
---@field position integer? which parameter
---@field whole integer how often it is used as a whole, rather than for a member

---@class scalerun.check.Origin a path: what it starts from, and the steps from there
---@field variable scalerun.check.Variable?
---@field module string? the argument of require
---@field steps scalerun.check.Step[]

---@class scalerun.check.Step
---@field kind "field"|"method"|"call"|"index"
---@field name string?
---@field line integer
---@field text string? of a call, its first argument where that is a string

---@class scalerun.check.Function
---@field line integer
---@field key string? the field or variable that it is given to
---@field parameters scalerun.check.Variable[]

---@class scalerun.check.Use: scalerun.check.Origin
---@field statement boolean? whether it stands alone, its value unused

---@class scalerun.check.Found
---@field globals { name: string, line: integer, set: boolean, visible: string[] }[]
---@field uses scalerun.check.Use[]
---@field functions scalerun.check.Function[]

---@class scalerun.check.Reader
local Reader = {}
Reader.__index = Reader

function Reader:peek(text)
  local token = self.tokens[self.at]
  return token.text == text and (token.kind == "symbol" or token.kind == "keyword")
end

function Reader:take()
  local token = self.tokens[self.at]
  self.at = self.at + 1
  return token
end

function Reader:accept(text)
  if self:peek(text) then
    return self:take()
  end
end

function Reader:is(kind)
  return self.tokens[self.at].kind == kind
end

function Reader:find(name)
  local scope = self.scope
  while scope do
    if scope.variables[name] then
      return scope.variables[name]
    end
    scope = scope.outer
  end
end

function Reader:visible()
  local list, scope = {}, self.scope
  while scope do
    for name in pairs(scope.variables) do
      list[#list + 1] = name
    end
    scope = scope.outer
  end
  return list
end

function Reader:declare(token, origin)
  local variable = { name = token.text, line = token.line, origin = origin, whole = 0 }
  self.scope.variables[token.text] = variable
  return variable
end

function Reader:global(token, set)
  local list = self.found.globals
  list[#list + 1] = { name = token.text, line = token.line, set = set, visible = self:visible() }
end

function Reader:inside(fn)
  self.scope = { variables = {}, outer = self.scope }
  fn()
  self.scope = self.scope.outer
end

function Reader:body(key, method)
  local made = { line = self.tokens[self.at - 1].line, key = key, parameters = {} }
  table.insert(self.found.functions, made)
  self:take() -- (
  self:inside(function()
    if method then
      self:declare { text = "self", line = made.line }
    end
    while not self:accept(")") do
      local token = self:take()
      if token.kind == "name" then
        local variable = self:declare(token)
        table.insert(made.parameters, variable)
        variable.owner, variable.position = made, #made.parameters
      end
    end
    self:block()
  end)
  self:take() -- end
end

function Reader:table()
  self:take()
  while not self:accept("}") do
    local token, after = self.tokens[self.at], self.tokens[self.at + 1]
    if self:accept("[") then
      self:expression()
      self:take() -- ]
      self:take() -- =
      self:expression()
    elseif token.kind == "name" and after.text == "=" and after.kind == "symbol" then
      self.at = self.at + 2
      self:expression(token.text)
    else
      self:expression()
    end
    if not self:accept(",") then
      self:accept(";")
    end
  end
end

-- Arguments of a call; the first where it is a string.
function Reader:arguments()
  if self:is("string") then
    return self:take().text
  elseif self:peek("{") then
    self:table()
    return nil
  end
  self:take() -- (
  local only = self:is("string") and self.tokens[self.at].text or nil
  if not self:peek(")") then
    self:list()
  end
  self:take() -- )
  return only
end

-- A name or a bracketed expression and all that hangs on it. Returns its path, and whether it ends in a call.
function Reader:suffixed()
  local path, token = { steps = {} }, self:take()
  if token.text == "(" then
    self:expression()
    self:take() -- )
  else
    path.token, path.variable = token, self:find(token.text)
  end
  local called = false
  while true do
    local line = self.tokens[self.at].line
    local step
    if self:accept(".") then
      step = { kind = "field", name = self:take().text }
    elseif self:accept(":") then
      step = { kind = "method", name = self:take().text }
    elseif self:accept("[") then
      self:expression()
      self:take() -- ]
      step = { kind = "index" }
    elseif self:peek("(") or self:peek("{") or self:is("string") then
      step = { kind = "call", text = self:arguments() }
    else
      return path, called
    end
    called, step.line = step.kind == "call", line
    table.insert(path.steps, step)
  end
end

-- Notes what a path uses. As an assignment's target its last step is set, not read.
function Reader:note(path, target)
  if path.variable then
    if #path.steps == 0 then
      path.variable.whole = path.variable.whole + (target and 0 or 1)
    elseif not target then
      table.insert(self.found.uses, path)
    end
  elseif path.token then
    self:global(path.token, target and #path.steps == 0)
    local module = path.token.text == "require" and #path.steps > 0 and path.steps[1].text
    if module then
      path.module, path.steps = module, table.move(path.steps, 2, #path.steps, 1, {})
      table.insert(self.found.uses, path)
    end
  end
end

local unary = { ["not"] = true, ["-"] = true, ["#"] = true, ["~"] = true }
local binary = {}
for word in ("+ - * / // ^ % & ~ | >> << .. < <= > >= == ~= and or"):gmatch("%S+") do
  binary[word] = true
end

-- One operand. Returns its path, where it is one.
function Reader:operand(key)
  while unary[self.tokens[self.at].text] and not self:is("string") do
    self:take()
  end
  if self:accept("function") then
    self:body(key)
  elseif self:peek("{") then
    self:table()
  elseif self:is("name") or self:peek("(") then
    local path = self:suffixed()
    self:note(path)
    return path
  else
    self:take() -- a constant, or ...
  end
end

--- An expression; key is what it is given to. Returns its path, where it is nothing but one.
function Reader:expression(key)
  local path = self:operand(key)
  while binary[self.tokens[self.at].text] and not self:is("string") do
    self:take()
    self:operand()
    path = nil
  end
  return path
end

function Reader:list(keys)
  local paths, index = {}, 0
  repeat
    index = index + 1
    paths[index] = self:expression(keys and keys[index]) or false
  until not self:accept(",")
  return paths
end

function Reader:block()
  self:inside(function()
    while not (self:is("end") or self:peek("end") or self:peek("else") or self:peek("elseif")
        or self:peek("until")) do
      self:statement()
    end
  end)
end

function Reader:statement()
  local token = self.tokens[self.at]
  local known = (token.kind == "keyword" or token.kind == "symbol") and statements[token.text]
  if known then
    self:take()
    return known(self)
  end
  local path, called = self:suffixed()
  if called then
    path.statement = true
    return self:note(path)
  end
  local targets, keys = { path }, {}
  while self:accept(",") do
    targets[#targets + 1] = self:suffixed()
  end
  for index, target in ipairs(targets) do
    local last = target.steps[#target.steps]
    keys[index] = last and last.name or target.token and target.token.text
    self:note(target, true)
  end
  self:take() -- =
  self:list(keys)
end

local reader = {}

--- @param source string
---@return scalerun.check.Found
function reader.read(source)
  local self = setmetatable({
    tokens = lexer.tokens(source),
    at = 1,
    found = { globals = {}, uses = {}, functions = {} },
  }, Reader)
  self:block()
  return self.found
end

return reader
