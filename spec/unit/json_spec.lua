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
    assert.same({ 5, 2.0 ^ 64, -1e20, { ['18446744073709551616"'] = "99999999999999999999" } },
      json.decode [=[[5,18446744073709551616 , -100000000000000000000,
        {"18446744073709551616\"": "99999999999999999999"}]]=])
    assert.equal("integer", math.type(json.decode("[5,18446744073709551616]")[1]))
    assert.equal(2.0 ^ 64, json.decode "18446744073709551616")
  end)

  it("takes the last of equal names", function()
    assert.same({ a = 2 }, json.decode '{"a": 1, "a": 2}')
  end)

  it("reads escapes", function()
    assert.equal('"\\/\b\f\n\r\t', json.decode [["\"\\\/\b\f\n\r\t"]])
    assert.equal("é€😀", json.decode [["\u00e9\u20AC\ud83d\ude00"]])
    assert.equal("é😀", json.decode '"é😀"')
    assert.equal("a\0b", json.decode [["a\u0000b"]])
  end)

  it("refuses what is not JSON and says where", function()
    for text, why in pairs {
      [""] = "unexpected token near end of file at line 1, column 0",
      ["<html>"] = "invalid token near '<' at line 1, column 1",
      ['{"a": 1,}'] = "string or '}' expected near '}' at line 1, column 9",
      ["[1,\n 2,\n x]"] = "invalid token near 'x' at line 3, column 2",
      ["[1 2]"] = "']' expected near '2' at line 1, column 4",
      ['{"a" 1}'] = "':' expected near '1'",
      ['{"a":1'] = "'}' expected near end of file",
      ["[1]]"] = "end of file expected near ']'",
      ["01"] = "invalid token near '0'",
      ["0x10"] = "end of file expected near 'x'",
      ["1."] = "invalid token near '1.'",
      ["1e"] = "invalid token near '1e'",
      ["-"] = "invalid token near '-'",
      ["+1"] = "invalid token near '+'",
      ["nan"] = "invalid token near 'nan'",
      ["NaN"] = "invalid token near 'NaN'",
      ["1e400"] = "real number overflow near '1e400'",
      ["[18446744073709551616,\n,]"] = "unexpected token near ',' at line 2, column 1",
      ["tru"] = "invalid token near 'tru'",
      ["f"] = "invalid token near 'f'",
      ['"abc'] = "premature end of input",
      ['"a\nb"'] = "unexpected newline",
      ['"a\\nb\n"'] = "unexpected newline",
      ['"\\x"'] = "invalid escape",
      ['"\\'] = "invalid escape",
      ['"\\u12g4"'] = "invalid escape",
      ['"\\ud83d"'] = "invalid Unicode '\\uD83D'",
      ['"\\ud83d\\u0041"'] = "invalid Unicode '\\uD83D\\u0041'",
      ['"\\ude00"'] = "invalid Unicode '\\uDE00'",
      ['"\xff"'] = "unable to decode byte 0xff",
      ['{"a\\u0000": 1}'] = "NUL byte in object key",
      [("["):rep(3000)] = "maximum parsing depth reached",
    } do
      assert.matches(why, problem(text), 1, true)
    end
  end)

  it("raises an error table", function()
    local ok, err = pcall(json.decode, "<html>")
    assert.is_false(ok)
    assert.equal("json", err.kind)
    assert.equal("json.decode", err.operation)
    assert.matches("invalid token near '<' at line 1, column 1: <html>", tostring(err), 1, true)
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
    assert.equal("[0.1,0.25]", json.encode { 0.1, 0.25 })
    assert.equal("9007199254740992", json.encode(2.0 ^ 53))
    for _, number in ipairs { 0.1, 1 / 3, 1e300, -2.5e-7, 2.0 ^ 53 + 2, math.pi } do
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

  it("bounds how much it holds", function()
    local value, text = {}, ("x"):rep(2 ^ 20)
    for i = 1, 256 do
      value[i] = text
    end
    local ok, err = pcall(json.encode, value)
    assert.is_false(ok)
    assert.matches("takes more than 268435456 bytes as JSON", err.message, 1, true)
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

  it("passes on what a __pairs raises", function()
    local broken = setmetatable({}, {
      __pairs = function()
        error("no pairs today", 0)
      end,
    })
    local ok, err = pcall(json.encode, { a = { 1, "x", { b = broken } } })
    assert.is_false(ok)
    assert.equal("no pairs today", err)
  end)
end)
