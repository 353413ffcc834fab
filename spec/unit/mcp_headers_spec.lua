local headers = require "scalerun.mcp.headers"

describe("headers of MCP requests", function()
  it("carry texts that a header can carry, and encode the others", function()
    for text, value in pairs {
      ["us-west1"] = "us-west1",
      ["two words"] = "two words",
      ["Hello, 世界"] = "=?base64?SGVsbG8sIOS4lueVjA==?=",
      [" padded "] = "=?base64?IHBhZGRlZCA=?=",
      ["line1\nline2"] = "=?base64?bGluZTEKbGluZTI=?=",
      ["=?base64?literal?="] = "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=",
      ["=?base64?open"] = "=?base64?open",
      [""] = "=?base64??=",
      ["\0"] = "=?base64?AA==?=",
      ["\xFF\xFE\xFD"] = "=?base64?//79?=",
    } do
      assert.equal(value, headers.encode(text))
    end
  end)

  it("name the method and what it is about", function()
    assert.same({ ["Mcp-Method"] = "tools/list" }, headers.standard("tools/list", {}))
    assert.same({ ["Mcp-Method"] = "tools/call", ["Mcp-Name"] = "add" },
      headers.standard("tools/call", { name = "add" }))
    assert.same({ ["Mcp-Method"] = "resources/read", ["Mcp-Name"] = "mcp://a/b" },
      headers.standard("resources/read", { uri = "mcp://a/b" }))
    assert.same({ ["Mcp-Method"] = "prompts/get", ["Mcp-Name"] = "=?base64?w7w=?=" },
      headers.standard("prompts/get", { name = "ü" }))
  end)

  local function tool(properties)
    return { name = "t", inputSchema = { type = "object", properties = properties } }
  end

  it("mirror arguments whose schema asks for it", function()
    local mirrored = assert(headers.mirrored(tool {
      region = { type = "string", ["x-mcp-header"] = "Region" },
      deep = { type = "object", properties = { count = { type = "integer", ["x-mcp-header"] = "Count" } } },
      dry = { type = "boolean", ["x-mcp-header"] = "Dry" },
      query = { type = "string" },
    }))
    assert.same({ ["Mcp-Param-Region"] = "us-west1", ["Mcp-Param-Count"] = "42", ["Mcp-Param-Dry"] = "false" },
      headers.parameters(mirrored, { region = "us-west1", deep = { count = 42.0 }, dry = false, query = "q" }))
    assert.same({}, headers.parameters(mirrored, { deep = "no table" }))
    assert.same({}, assert(headers.mirrored { name = "without a schema" }))
  end)

  it("refuse tools that ask for what cannot be", function()
    local function problem(properties)
      local mirrored, text = headers.mirrored(tool(properties))
      assert.is_nil(mirrored)
      return text
    end
    assert.matches("not the name of a header", problem { a = { type = "string", ["x-mcp-header"] = "" } }, 1, true)
    assert.matches("not the name of a header", problem { a = { type = "string", ["x-mcp-header"] = "a b" } }, 1, true)
    assert.matches("beside type number", problem { a = { type = "number", ["x-mcp-header"] = "A" } }, 1, true)
    assert.matches("there twice", problem {
      a = { type = "string", ["x-mcp-header"] = "Same" },
      b = { type = "string", ["x-mcp-header"] = "same" },
    }, 1, true)
    assert.matches("through properties alone", problem {
      list = { type = "array", items = { type = "string", ["x-mcp-header"] = "A" } },
    }, 1, true)
    assert.matches("through properties alone", problem {
      one = { oneOf = { { type = "object", properties = { a = { type = "string", ["x-mcp-header"] = "A" } } } } },
    }, 1, true)
    assert.is_table(headers.mirrored(tool { a = { type = "object", default = { ["x-mcp-header"] = "only a value" } } }))
    -- A property may bear the annotation's name.
    assert.is_table(headers.mirrored(tool { ["x-mcp-header"] = { type = "string" } }))
    assert.is_table(headers.mirrored(tool {
      list = { type = "array", items = { type = "object", properties = { ["x-mcp-header"] = { type = "string" } } } },
    }))
  end)
end)
