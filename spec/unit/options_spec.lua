local options = require "scalerun.options"

describe("options", function()
  local allowed = { "anything", timeout = "number|string", size = "integer", name = "string" }

  local function connect(given)
    local checked = options.check("pg.connect", given, allowed)
    return checked
  end

  local function message_of(given)
    local ok, message = pcall(function()
      connect(given)
      return nil
    end)
    assert.is_false(ok)
    return message
  end

  it("returns what was given, or an empty table", function()
    local given = { timeout = 1, size = 2, anything = print }
    assert.equal(given, connect(given))
    assert.same({}, connect(nil))
  end)

  it("names the nearest known option", function()
    assert.matches("pg.connect: unknown option 'timeuot' %(did you mean 'timeout'%?%)", message_of { timeuot = 1 })
    assert.matches("did you mean 'size'", message_of { Size = 1 })
  end)

  it("lists the known options when none is near", function()
    assert.matches("unknown option 'colour' %(known are: anything, name, size, timeout%)", message_of { colour = 1 })
  end)

  it("names the expected type and what it got", function()
    assert.matches("option 'size' must be integer, not the number 1.5", message_of { size = 1.5 })
    assert.matches("option 'timeout' must be number or string, not a table", message_of { timeout = {} })
    assert.matches("options must be a table, not the string \"x\"", message_of("x"))
  end)

  it("refuses positions", function()
    assert.matches("option names are strings, but there is the number 1 among them", message_of { "x" })
  end)

  it("begins with the file and line of the script", function()
    assert.matches("^spec/unit/options_spec.lua:%d+: ", message_of { size = "x" })
  end)

  it("measures the distance of words", function()
    assert.equal(0, options.distance("same", "same"))
    assert.equal(1, options.distance("ab", "ba"))
    assert.equal(3, options.distance("kitten", "sitting"))
    assert.equal(4, options.distance("", "four"))
  end)
end)
