local index = require "scalerun.help.index"

describe("a type in an annotation", function()
  for text, expected in pairs {
    ["string the name"] = "string",
    ["table<string, integer>? by project"] = "table<string, integer>?",
    ["fun(a: string, b: integer): any does it"] = "fun(a: string, b: integer): any",
    ["(fun(run: scale.Run): any)? once"] = "(fun(run: scale.Run): any)?",
    ["{ a: string, b: integer } both"] = "{ a: string, b: integer }",
    ['"null"|"pipe"|nil "null"'] = '"null"|"pipe"|nil',
    ["string"] = "string",
    ["(number|string)[] some"] = "(number|string)[]",
  } do
    it("ends where it ends: " .. text, function()
      assert.equal(expected, text:sub(1, index.type_end(text)))
    end)
  end
end)

describe("the index of annotations", function()
  local classes = index.read { [[
---@meta scalerun.x
-- Made.

--- About x.

---@class scale.x
---@field size integer in bytes
local x = {}

---@class scale.x.Child: scale.x.Parent what follows
---@field go fun(self: scale.x.Child, a: string): scale.x

---@class scale.x.Parent
---@field [string] any

--- Does it.
---@param a string
---@return scale.x.Child? made
function x.go(a) end

return x
]] }

  it("has classes with their members", function()
    local x = classes["scale.x"]
    assert.same({ "scalerun.x", { "About x." }, { "size", "go" } }, { x.module, x.about, x.order })
    assert.same({ "field", "integer", "in bytes" }, { x.members.size.kind, x.members.size.type, x.members.size.text })
    assert.same({ "function", { "scale.x.Child?" } }, { x.members.go.kind, x.members.go.returns })
    assert.equal(classes["scale.x.Child"], index.class_of(classes, x.members.go.returns[1]))
  end)

  it("follows parents", function()
    local child = classes["scale.x.Child"]
    assert.same({ "scale.x.Parent" }, child.parents)
    assert.is_true(index.is_open(classes, child))
    assert.is_false(index.is_open(classes, classes["scale.x"]))
    assert.same({ "method", { "scale.x" }, "a" }, { child.members.go.kind, child.members.go.returns,
      child.members.go.arguments })
  end)
end)
