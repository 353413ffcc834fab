local json = require "scalerun.json"
local scale = require "scalerun"

local function problem(text)
  local value, why = json.try_decode(text)
  assert.is_nil(value)
  return why
end

describe("json.decode", function()
  it("reads every kind of value", function()
    assert.same({ a = 1, b = { "x", true, false }, c = "" }, json.decode '{"a": 1, "b": ["x", true, false], "c": ""}')
    assert.equal(json.null, json.decode "null")
    assert.equal(scale.null, json.decode("[null]")[1])
    assert.same({}, json.decode " { } ")
    assert.same({}, json.decode "[\n]")
  end)

  it("keeps integers exact and apart from floats", function()
    assert.equal("integer", math.type(json.decode "5"))
    assert.equal(9007199254740993, json.decode "9007199254740993")
    assert.equal(math.mininteger, json.decode "-9223372036854775808")
    assert.equal("float", math.type(json.decode "5.0"))
    assert.equal(1e3, json.decode "1E3")
    assert.equal(-0.5, json.decode "-0.5e0")
    assert.equal(2.0 ^ 64, json.decode "18446744073709551616")
  end)

  it("reads escapes", function()
    assert.equal('"\\/\b\f\n\r\t', json.decode [["\"\\\/\b\f\n\r\t"]])
    assert.equal("é€😀", json.decode [["\u00e9\u20AC\ud83d\ude00"]])
    assert.equal("é😀", json.decode '"é😀"')
    assert.equal("a\0b", json.decode [["a\u0000b"]])
  end)

  it("refuses what is not JSON and says where", function()
    for text, why in pairs {
      [""] = "a value is expected at line 1, column 1, but there is the end",
      ["<html>"] = "a value is expected at line 1, column 1, but there is '<'",
      ['{"a": 1,}'] = "a name in quotes is expected at line 1, column 9",
      ["[1,\n 2,\n x]"] = "a value is expected at line 3, column 2",
      ["[1 2]"] = "',' or ']' is expected",
      ['{"a" 1}'] = "':' is expected",
      ['{"a":1'] = "',' or '}' is expected",
      ["[1]]"] = "the end is expected",
      ["01"] = "the end is expected",
      ["0x10"] = "the end is expected",
      ["1."] = "a digit is expected",
      ["1e"] = "a digit is expected",
      ["-"] = "a digit is expected",
      ["+1"] = "a value is expected",
      ["nan"] = "a value is expected",
      ["tru"] = "a value is expected",
      ["f"] = "a value is expected",
      ['"abc'] = "closing quote is expected",
      ['"a\nb"'] = "closing quote is expected",
      ['"a\\nb\n"'] = "closing quote is expected",
      ['"\\x"'] = "after a backslash",
      ['"\\'] = "after a backslash",
      ['"\\u12g4"'] = "four hexadecimal digits",
      ['"\\ud83d"'] = "surrogate",
      ['"\\ud83d\\u0041"'] = "surrogate",
      ['"\\ude00"'] = "surrogate",
      [("["):rep(300)] = "no deeper nesting",
    } do
      assert.matches(why, problem(text), 1, true)
    end
  end)

  it("raises an error table", function()
    local ok, err = pcall(json.decode, "<html>")
    assert.is_false(ok)
    assert.equal("json", err.kind)
    assert.equal("json.decode", err.operation)
    assert.matches("line 1, column 1, but there is '<': <html>", tostring(err), 1, true)
  end)
end)

describe("json.encode", function()
  it("writes every kind of value, names in order", function()
    assert.equal([[{"a":[1,2.5,"x",true,null],"b":{},"c":-1}]],
      json.encode { c = -1, b = {}, a = { 1, 2.5, "x", true, json.null } })
    assert.equal("null", json.encode(scale.null))
    assert.equal("{}", json.encode {})
    assert.equal("[]", json.encode(json.array()))
    assert.equal("[1]", json.encode(json.array { 1 }))
  end)

  it("writes numbers that read back as the same", function()
    assert.equal("9007199254740993", json.encode(9007199254740993))
    assert.equal("5", json.encode(5.0))
    for _, number in ipairs { 0.1, 1 / 3, 1e300, -2.5e-7, math.pi } do
      assert.equal(number, json.decode(json.encode(number)))
    end
  end)

  it("escapes", function()
    assert.equal([["\"\\\n\u0001/é"]], json.encode '"\\\n\1/é')
  end)

  it("reads what a constant table shows", function()
    local list = scale.const { kind = "US", tags = { "a", "b" } }
    assert.equal([[{"kind":"US","tags":["a","b"]}]], json.encode(list))
  end)

  it("writes over several lines when asked", function()
    local text = json.encode({ a = { 1, 2 }, b = {} }, { pretty = true })
    assert.equal('{\n  "a": [\n    1,\n    2\n  ],\n  "b": {}\n}', text)
  end)

  it("writes many names in order", function()
    local value, parts = {}, {}
    for i = 1, 100 do
      value[("k%03d"):format(i)] = i
      parts[i] = ([["k%03d":%d]]):format(i, i)
    end
    assert.equal("{" .. table.concat(parts, ",") .. "}", json.encode(value))
  end)

  it("refuses what JSON cannot say and names the place", function()
    local loop = {}
    loop.again = loop
    for why, value in pairs {
      ["value.tasks[2].run is a function"] = { tasks = { 1, { run = print } } },
      ["value[2] is not a finite number"] = { 1, 0 / 0 },
      ["value has holes"] = { [1] = 1, [3] = 3 },
      ["value.x mixes names with positions"] = { x = { 1, a = 2 } },
      ["value has a key that is neither"] = { [1.5] = 1 },
      ["value.text is not valid UTF-8"] = { text = "\xff" },
      ["value.text is not valid UTF-8 "] = { text = "\xed\xa0\x80" },
      ["value is nested deeper than 100, or contains itself"] = loop,
      ["value is marked as an array but has names"] = setmetatable({ a = 1 }, getmetatable(json.array())),
    } do
      local ok, err = pcall(json.encode, value)
      assert.is_false(ok)
      assert.equal("json", err.kind)
      assert.matches(why:gsub(" $", ""), err.message, 1, true)
    end
    assert.is_false(pcall(json.encode, nil))
  end)

  it("survives an encode within an encode", function()
    local inner
    local value = setmetatable({}, {
      __pairs = function()
        inner = json.encode { 1, 2 }
        return next, { a = inner }, nil
      end,
    })
    assert.equal([=[{"x":{"a":"[1,2]"}}]=], json.encode { x = value })
  end)
end)
