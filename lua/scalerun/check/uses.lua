--- Follows what a script uses through the annotations: a field or method that an object does not have is found
--- without running anything.
local index = require "scalerun.help.index"
local options = require "scalerun.options"

local uses = {}

-- What the functions of a declaration are given.
local arguments = {
  setup = { "scale.Run" },
  iteration = { "scale.Project" },
  verify = { "scale.Run", "scale.Seen" },
  teardown = { "scale.Run" },
  run = { "scale.Project" },
  check = { "scale.Project" },
}

-- Classes of which nothing is shown until they are told what must hold.
local function is_open_end(class)
  return class.name == "scale.Expectation" or class.name:find("Matchers$") ~= nil
end

---@class scalerun.check.Follower
---@field classes table<string, scalerun.help.Class>
---@field problems { line: integer, message: string }[]
local Follower = {}
Follower.__index = Follower

function Follower:module_class(name)
  for _, class in pairs(self.classes) do
    if class.module == name then
      return class
    end
  end
end

function Follower:unknown(class, step, shown)
  local known = index.names(self.classes, class)
  local nearest = options.nearest(step.name, known)
  table.insert(self.problems, {
    line = step.line,
    message = ("%s has no field '%s' (%s)"):format(shown, step.name,
      nearest and ("did you mean '%s'?"):format(nearest) or "known are: " .. table.concat(known, ", ")),
  })
end

-- The class that a path comes to, as far as the annotations tell; problems are noted where report is true.
function Follower:follow(path, report)
  local class, member = self:start(path)
  local shown = path.variable and path.variable.name or path.module or "?"
  for _, step in ipairs(path.steps) do
    if step.kind == "call" then
      class, member = index.class_of(self.classes, member and member.returns[1]), nil
      shown = shown .. "(…)"
    elseif step.kind == "index" or not class then
      return nil
    else
      member = index.member(self.classes, class, step.name)
      if not member then
        if report and not index.is_open(self.classes, class) then
          self:unknown(class, step, shown)
        end
        return nil
      end
      class = member.kind == "field" and index.class_of(self.classes, member.type) or nil
      shown = shown .. (step.kind == "method" and ":" or ".") .. step.name
    end
  end
  return class, member
end

-- What a path starts from: a module, a parameter, or what a local was set to.
function Follower:start(path)
  if path.module then
    return self:module_class(path.module)
  end
  local variable = path.variable
  local owner = variable and variable.owner
  if owner then
    local given = arguments[owner.key or ""]
    return given and self.classes[given[variable.position] or ""]
  elseif variable and variable.origin and not self.busy[variable] then
    self.busy[variable] = true -- local x = x
    local class, member = self:follow(variable.origin, false)
    self.busy[variable] = nil
    return class, member
  end
end

function Follower:use(path)
  local class = self:follow(path, true)
  if path.statement and class and is_open_end(class) then
    local name
    for _, step in ipairs(path.steps) do
      name = name or step.text
    end
    table.insert(self.problems, {
      line = path.steps[1].line,
      message = ("expect(%q) does not say what must hold: go on with :count(n):equals(…), :values(list):unique() "
        .. "and so on"):format(name or "…"),
    })
  end
end

--- What is wrong with what the script uses.
---@param found scalerun.check.Found
---@param classes table<string, scalerun.help.Class>
---@return { line: integer, message: string }[]
function uses.problems(found, classes)
  local follower = setmetatable({ classes = classes, problems = {}, busy = {} }, Follower)
  for _, path in ipairs(found.uses) do
    follower:use(path)
  end
  return follower.problems
end

return uses
