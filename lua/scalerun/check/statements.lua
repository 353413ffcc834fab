--- How each statement is read that begins with a word of its own; that word has been taken. Anything else is a call or
--- an assignment, which the reader itself takes.
---@type table<string, fun(self: scalerun.check.Reader)>
local statements = {}

statements["local"] = function(self)
  if self:accept("function") then
    local token = self:take()
    self:declare(token)
    self:body(token.text)
    return
  end
  local names, keys = {}, {}
  repeat
    names[#names + 1] = self:take()
    keys[#keys + 1] = names[#names].text
    if self:accept("<") then
      self.at = self.at + 2
    end
  until not self:accept(",")
  local paths = self:accept("=") and self:list(keys) or {}
  for index, token in ipairs(names) do
    self:declare(token, paths[index] or nil)
  end
end

statements["function"] = function(self)
  local path, method = { steps = {}, token = self:take() }, false
  local key = path.token.text
  path.variable = self:find(key)
  while self:peek(".") or self:peek(":") do
    method = self:take().text == ":"
    key = self:take().text
    table.insert(path.steps, { kind = "field", name = key, line = path.token.line })
  end
  self:note(path, true)
  self:body(key, method)
end

statements["for"] = function(self)
  local names = {}
  repeat
    names[#names + 1] = self:take()
  until not self:accept(",")
  self:take() -- = or in
  self:list()
  self:take() -- do
  self:inside(function()
    for _, token in ipairs(names) do
      self:declare(token)
    end
    self:block()
  end)
  self:take() -- end
end

statements["if"] = function(self)
  self:expression()
  self:take() -- then
  self:block()
  while self:accept("elseif") do
    self:expression()
    self:take()
    self:block()
  end
  if self:accept("else") then
    self:block()
  end
  self:take() -- end
end

statements["while"] = function(self)
  self:expression()
  self:take()
  self:block()
  self:take()
end

statements["do"] = function(self)
  self:block()
  self:take()
end

statements["repeat"] = function(self)
  self:inside(function() -- the condition sees the block's locals
    while not self:peek("until") do
      self:statement()
    end
    self:take()
    self:expression()
  end)
end

statements["return"] = function(self)
  if not (self:is("end") or self:peek("end") or self:peek("else") or self:peek("elseif") or self:peek("until")
      or self:peek(";")) then
    self:list()
  end
  self:accept(";")
end

statements["goto"] = function(self)
  self:take()
end

statements["break"] = function() end

statements["::"] = function(self)
  self.at = self.at + 2
end

statements[";"] = function() end

return statements
