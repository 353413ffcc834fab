--- The target's MCP endpoint: what it says to HTTP and JSON-RPC, right and wrong.
local scale = require "scalerun"
local target_client = require "spec.support.target_client"
local target_mcp = require "spec.support.target_mcp"
local post, request = target_mcp.post, target_mcp.request

describe("the target's MCP endpoint", function()
  local box, alpha

  setup(function()
    box = scale.sandbox.start { projects = { "alpha", "beta" }, tasks = 0, reserve_rate = 0, page_size = 4 }
    alpha = target_client.new(box, "alpha")
  end)

  teardown(function()
    box:stop()
  end)

  local PING = { jsonrpc = "2.0", id = 1, method = "ping" }
  local PONG = { jsonrpc = "2.0", id = 1, result = {} }

  local function initialize(version)
    return request(alpha, "initialize", {
      protocolVersion = version,
      capabilities = scale.json.decode "{}",
      clientInfo = { name = "spec", version = "1" },
    }).result
  end

  -- An answer's status and JSON-RPC error code.
  local function refused(status, code, body, headers)
    local response = post(alpha, body, headers)
    assert.equal(status, response.status, response.body)
    if code then
      assert.equal(code, response:json().error.code, response.body)
    end
    return response
  end

  it("negotiates the revision", function()
    for _, version in ipairs { "2025-03-26", "2025-06-18", "2025-11-25" } do
      assert.equal(version, initialize(version).protocolVersion)
    end
    assert.equal("2025-11-25", initialize("2024-11-05").protocolVersion)
    assert.equal("2025-11-25", initialize("2026-07-28").protocolVersion)
    local result = initialize("2025-11-25")
    assert.equal("scalerun-target", result.serverInfo.name)
    assert.same({ "prompts", "resources", "tools" }, (function()
      local names = {}
      for name in pairs(result.capabilities) do
        names[#names + 1] = name
      end
      table.sort(names)
      return names
    end)())
  end)

  it("keeps no session", function()
    local _, response = request(alpha, "initialize", {
      protocolVersion = "2025-11-25",
      capabilities = scale.json.decode "{}",
      clientInfo = { name = "spec", version = "1" },
    })
    assert.is_nil(response.headers["mcp-session-id"])
    assert.equal(200, post(alpha, PING, { ["Mcp-Session-Id"] = "whatever" }).status)
  end)

  it("refuses an incomplete initialize", function()
    for _, params in ipairs { "{}", '{"protocolVersion":1}', '{"protocolVersion":"2025-11-25"}',
      '{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x"}}' } do
      refused(200, -32602, ('{"jsonrpc":"2.0","id":1,"method":"initialize","params":%s}'):format(params))
    end
  end)

  it("answers a ping, with the id as it came", function()
    assert.same(PONG, post(alpha, PING):json())
    for _, id in ipairs { '"a"', '""', "0", "-7", "9007199254740991", '"\\u00e9\\n"' } do
      local response = post(alpha, ('{"jsonrpc":"2.0","id":%s,"method":"ping"}'):format(id))
      assert.same(scale.json.decode(("[%s]"):format(id))[1], response:json().id)
    end
  end)

  it("takes notifications and responses without an answer", function()
    for _, body in ipairs {
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}',
      '{"jsonrpc":"2.0","method":"notifications/unheard/of"}',
      '{"jsonrpc":"2.0","id":7,"result":{}}',
      '{"jsonrpc":"2.0","id":7,"error":{"code":-1,"message":""}}',
    } do
      local response = post(alpha, body)
      assert.equal(202, response.status)
      assert.equal("", response.body)
      assert.is_nil(response.headers["content-type"])
    end
  end)

  it("refuses what is no JSON-RPC", function()
    refused(400, -32700, "")
    refused(400, -32700, '{"jsonrpc"')
    refused(400, -32700, '{"jsonrpc":"2.0","id":1,"method":"ping\\u0000"}')
    refused(400, -32700, '{"jsonrpc":"2.0","id":1,"method":"\xff"}')
    refused(400, -32700, ("["):rep(100000))
    refused(400, -32600, "{}")
    refused(400, -32600, "7")
    refused(400, -32600, '{"jsonrpc":"1.0","id":1,"method":"ping"}')
    refused(400, -32600, '{"jsonrpc":"2.0","id":null,"method":"ping"}')
    refused(400, -32600, '{"jsonrpc":"2.0","id":1.5,"method":"ping"}')
    refused(400, -32600, '{"jsonrpc":"2.0","id":[1],"method":"ping"}')
    refused(400, -32600, '{"jsonrpc":"2.0","id":1,"method":1}')
    refused(400, -32600, '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}')
    local response = refused(400, -32600, '{"jsonrpc":"2.0","id":"mine"}')
    assert.equal("mine", response:json().id)
    assert.equal(scale.null, refused(400, -32700, "{"):json().id)
    refused(413, nil, ('{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"%s"}}'):format(("x"):rep(1 << 20)))
  end)

  it("refuses methods that it does not have", function()
    for _, method in ipairs { "server/discover", "nope", "", "resources/subscribe", "logging/setLevel",
      "completion/complete", "tools/call ", ("m"):rep(10000) } do
      assert.equal(-32601, request(alpha, method).error.code)
    end
  end)

  it("answers batches to the one revision that has them", function()
    local response = post(alpha, { PING, { jsonrpc = "2.0", method = "notifications/initialized" },
      { jsonrpc = "2.0", id = 2, method = "nope" }, { jsonrpc = "2.0", id = 3, method = "initialize" }, 7 })
    assert.equal(200, response.status)
    local answers = response:json()
    assert.equal(4, #answers)
    assert.same(PONG, answers[1])
    assert.same({ -32601, -32600, -32600 }, {
      answers[2].error.code, answers[3].error.code, answers[4].error.code,
    })
    assert.equal(202, post(alpha, '[{"jsonrpc":"2.0","method":"notifications/initialized"}]').status)
    refused(400, -32600, "[]")
    refused(400, -32600, { PING }, { ["MCP-Protocol-Version"] = "2025-06-18" })
    refused(400, -32600, "[" .. ("7,"):rep(100) .. "7]")
  end)

  it("looks at the revision in the header", function()
    for _, version in ipairs { "2025-03-26", "2025-06-18", "2025-11-25" } do
      assert.equal(200, post(alpha, PING, { ["MCP-Protocol-Version"] = version }).status)
    end
    for _, version in ipairs { "2024-11-05", "2026-07-28", "1", "2025-11-25, 2025-06-18" } do
      refused(400, -32600, PING, { ["MCP-Protocol-Version"] = version })
    end
  end)

  it("has no stream to GET and no session to DELETE", function()
    for _, method in ipairs { "GET", "DELETE", "PUT", "HEAD" } do
      local response = alpha:request { method = method, url = "/mcp", headers = { Accept = "text/event-stream" } }
      assert.equal(405, response.status, method)
      assert.equal("POST", response.headers.allow)
    end
  end)

  it("sends what Accept allows", function()
    assert.equal("application/json", post(alpha, PING).headers["content-type"])
    assert.equal("application/json", post(alpha, PING, { Accept = "*/*" }).headers["content-type"])
    local events = post(alpha, PING, { Accept = "text/event-stream" })
    assert.equal("text/event-stream", events.headers["content-type"])
    assert.same(PONG, scale.json.decode(events.body:match("^event: message\ndata: ([^\n]+)\n\n$")))
    refused(406, -32600, PING, { Accept = "text/html" })
    refused(406, -32600, PING, { Accept = "application/json;q=0" })
  end)

  it("wants JSON", function()
    refused(415, -32600, PING, { ["Content-Type"] = "text/plain" })
    refused(415, -32600, PING, { ["Content-Type"] = "application/json; charset=latin1" })
    assert.equal(200, post(alpha, PING, { ["Content-Type"] = "application/json; charset=utf-8" }).status)
  end)

  it("lets no foreign Host or Origin in", function()
    local port = box.url:match("%d+$")
    for name, values in pairs {
      Host = { "evil.example.com", "evil.example.com:" .. port, "127.0.0.1.evil.example.com", "localhost.:" .. port },
      Origin = { "http://evil.example.com", "null", "file://", "http://localhost.evil.example.com" },
    } do
      for _, value in ipairs(values) do
        assert.equal(403, post(alpha, PING, { [name] = value }).status, value)
        assert.equal(403, alpha:get("/mcp/resources/sdlc/core", { headers = { [name] = value } }).status, value)
      end
    end
    for _, origin in ipairs { "http://localhost", "http://127.0.0.1:" .. port, "https://[::1]:3000" } do
      assert.equal(200, post(alpha, PING, { Origin = origin }).status, origin)
    end
    for _, host in ipairs { "localhost", "localhost:1", "[::1]:80", "127.0.0.1:" .. port } do
      assert.equal(200, post(alpha, PING, { Host = host }).status, host)
    end
  end)

  it("needs a key", function()
    local stranger = target_client.new(box)
    assert.equal(401, post(stranger, PING).status)
    assert.equal(401, post(stranger, PING, { Authorization = "Bearer wrong-wrong-wrong" }).status)
    assert.equal(401, post(stranger, '{"jsonrpc"').status)
    assert.equal(401, stranger:get("/mcp/resources/sdlc/core").status)
  end)

  -- All entries of a list, page by page.
  local function all(client, method, member)
    local entries, cursor = {}, nil
    repeat
      local result = request(client, method, { cursor = cursor }).result
      assert.is_true(#result[member] <= 4)
      table.move(result[member], 1, #result[member], #entries + 1, entries)
      cursor = result.nextCursor
    until not cursor
    return entries
  end

  it("lists in pages", function()
    assert.equal(18, #all(alpha, "resources/list", "resources"))
    assert.equal(3, #all(alpha, "resources/templates/list", "resourceTemplates"))
    assert.equal(10, #all(alpha, "prompts/list", "prompts"))
    assert.equal(8, #all(alpha, "tools/list", "tools"))
    local seen = {}
    for _, resource in ipairs(all(alpha, "resources/list", "resources")) do
      assert.is_nil(seen[resource.uri])
      seen[resource.uri] = true
      assert.equal("text/markdown", resource.mimeType)
      assert.is_string(resource.name)
    end
  end)

  it("refuses cursors that are not its own", function()
    local other = request(alpha, "tools/list").result.nextCursor
    for _, cursor in ipairs { "", "nonsense", "MQ==", other .. "A", other:sub(2), ("A"):rep(600) } do
      assert.equal(-32602, request(alpha, "tools/list", { cursor = cursor }).error.code, cursor)
    end
    assert.equal(-32602, request(alpha, "resources/list", { cursor = other }).error.code)
    assert.equal(-32602, request(alpha, "resources/list", { cursor = 7 }).error.code)
  end)

  it("says which replica answered, and counts", function()
    assert.equal("a", post(alpha, PING).headers["x-replica"])
    assert.equal(405, alpha:get("/mcp").status)
    local before = target_mcp.metric(alpha, 'http_request_duration_seconds_count{route="/mcp",status="202"}')
    post(alpha, '{"jsonrpc":"2.0","method":"notifications/initialized"}')
    assert.equal(before + 1, target_mcp.metric(alpha, 'http_request_duration_seconds_count{route="/mcp",status="202"}'))
  end)
end)
