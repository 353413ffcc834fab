-- What scale.mcp makes of a server that does what no server should (spec/peers/odd_server.mjs).
local json = require "scalerun.json"
local mcp = require "scalerun.mcp"
local metrics = require "scalerun.core.metrics"
local peers = require "spec.support.peers"
local task = require "scalerun.task"

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

describe("scale.mcp and an odd server", function()
  local server, client

  setup(function()
    server = peers.start "odd"
  end)

  teardown(function()
    server:stop()
  end)

  before_each(function()
    client = mcp.connect { url = server.url, timeout = "10s", max_message = 50000, resumptions = 3 }
  end)

  after_each(function()
    client:close()
  end)

  local function call(name, arguments, options)
    return mcp.text(client:call_tool(name, arguments, options))
  end

  local function seen()
    return json.decode(call "seen")
  end

  local function refused(name, options)
    return failure(client.call_tool, client, name, nil, options)
  end

  it("sends the headers that the protocol asks for", function()
    local own <close> = mcp.connect {
      url = server.url,
      protocol = "2025-06-18",
      headers = { Authorization = "Bearer k" },
    }
    local sent = json.decode(mcp.text(own:call_tool "headers"))
    assert.equal("application/json, text/event-stream", sent.accept)
    assert.equal("application/json", sent["content-type"])
    assert.equal("2025-06-18", sent["mcp-protocol-version"])
    assert.equal(own.session_id, sent["mcp-session-id"])
    assert.equal("Bearer k", sent.authorization)
    assert.is_nil(sent["mcp-method"])

    local older <close> = mcp.connect { url = server:at "sessionless" }
    sent = json.decode(mcp.text(older:call_tool "headers"))
    assert.equal("2025-03-26", sent["mcp-protocol-version"])
    assert.is_nil(sent["mcp-session-id"])

    local modern <close> = mcp.connect { url = server:at "modern", protocol = "2026-07-28" }
    sent = json.decode(mcp.text(modern:call_tool "headers"))
    assert.equal("2026-07-28", sent["mcp-protocol-version"])
    assert.equal("tools/call", sent["mcp-method"])
    assert.equal("headers", sent["mcp-name"])
    assert.equal("odd", modern.server.name)
  end)

  it("agrees only on what it speaks", function()
    local err = failure(mcp.connect, { url = server:at "ancient" })
    assert.equal("mcp", err.kind)
    assert.matches("wants to speak revision 2024-11-05", err.message, 1, true)
    err = failure(mcp.connect, { url = server:at "refuses" })
    assert.equal(-32603, err.code)
    assert.matches("not today", err.message, 1, true)
    local dual <close> = mcp.connect { url = server:at "dual", protocol = "2026-07-28" }
    assert.equal("2025-06-18", dual.protocol)
    err = failure(mcp.connect, { url = server:at "future", protocol = "2026-07-28" })
    assert.matches("the server speaks the revisions 2099-01-01", err.message, 1, true)
    err = failure(mcp.connect, { url = server:at "mismatch", protocol = "2026-07-28" })
    assert.equal(-32020, err.code)
  end)

  it("reads streams of every style", function()
    assert.equal("two lines", call "crlf")
    assert.equal("listed", call "batch")
    assert.equal("first of all", call "stays_open")
    local progress, others = {}, {}
    assert.equal("noted", call("notes", nil, {
      on_progress = function(step)
        progress[#progress + 1] = step
      end,
      on_notification = function(method)
        others[#others + 1] = method
      end,
    }))
    assert.same({ 1, 2 }, progress)
    assert.same({ "notifications/message", "notifications/progress" }, others)
  end)

  it("answers the server's requests before its own is answered", function()
    assert.equal("answered", call "asks")
    local replies = seen().replies
    assert.same({ id = "ping-1", jsonrpc = "2.0", result = {} }, replies[1])
    assert.equal(-32601, replies[2].error.code)
    assert.equal(3, replies[3].id)
  end)

  it("resumes what breaks off, and sends nothing again", function()
    assert.equal("resumed", call "resumes")
    assert.equal("resumed", call "resumes_after_reset")
    local calls = seen().calls
    assert.equal(1, calls.resumes)
    assert.equal(1, calls.resumes_after_reset)
    for name, words in pairs {
      cut = "the server ended the stream before the answer, and it cannot be resumed; the request was not sent again",
      breaks = "before the answer, and it cannot be resumed",
      resumes_nothing = "resuming it 3 times brought nothing",
      cannot_resume = "this server resumes no streams (405)",
    } do
      local err = refused(name)
      assert.equal("closed", err.kind)
      assert.matches(words, err.message, 1, true)
      assert.equal("mcp tools/call " .. name, err.operation)
      assert.equal(1, seen().calls[name])
    end
    local err = refused "resumes_tomorrow"
    assert.equal("timeout", err.kind)
    assert.matches("is to be resumed after 86400", err.message, 1, true)
  end)

  it("refuses what is no answer to its request", function()
    for name, words in pairs {
      wrong_id = "the server sent the answer to request",
      wrong_id_in_stream = "the server sent the answer to request",
      no_json = "not JSON-RPC",
      no_message = "neither a request nor a response",
      no_object = "not JSON-RPC (no object)",
      no_content = "the server's result has no content",
      no_result = "the server's result is not an object",
      accepted = "answered 202 with no content type",
      html = "answered 200 with text/html",
    } do
      local err = refused(name)
      assert.equal("protocol", err.kind, name)
      assert.matches(words, err.message, 1, true)
    end
    for _, name in ipairs { "large", "large_in_stream" } do
      local err = refused(name)
      assert.equal("limit", err.kind)
      assert.matches("50000 bytes; allow more with the option max_message", err.message, 1, true)
    end
  end)

  it("waits no longer than told, and tells the server", function()
    for _, name in ipairs { "never", "never_in_stream" } do
      local err = refused(name, { timeout = "50ms", id = name .. "-1" })
      assert.equal("timeout", err.kind)
      assert.matches("gave no answer within 50 ms", err.message, 1, true)
    end
    local cancelled = seen().cancelled
    assert.same({ "never-1", "never_in_stream-1" }, table.move(cancelled, #cancelled - 1, #cancelled, 1, {}))
  end)

  it("raises what the server says", function()
    local err = refused "fails"
    assert.equal("tool", err.kind)
    assert.equal("mcp tools/call fails: the tool failed: out of paper", tostring(err))
    err = refused "invalid"
    assert.equal("mcp", err.kind)
    assert.equal(-32602, err.code)
    assert.equal("-32602", err.detail)
    assert.same({ field = "count" }, err.data)
    err = refused "invalid_400"
    assert.equal(-32602, err.code)
    assert.equal(400, err.status)
    err = refused "unreadable"
    assert.equal(-32700, err.code)
    err = refused "unauthorized"
    assert.equal("http 401", err.kind)
    assert.matches("the key is missing or wrong", err.message, 1, true)
    err = refused "unavailable"
    assert.equal("http 503", err.kind)
    assert.equal(503, err.status)
    assert.matches(": try later", err.message, 1, true)
  end)

  it("opens a session again, and sends what was lost only when told", function()
    for _, name in ipairs { "loses_session", "loses_session_400" } do
      local before = client.session_id
      local err = refused(name)
      assert.equal("session", err.kind)
      assert.matches("no longer knows the session", err.message, 1, true)
      assert.matches("a new session is open", err.message, 1, true)
      assert.are_not.equal(before, client.session_id)
      assert.equal(1, seen().calls[name])
    end
    assert.equal("the second time", call("loses_session_once", nil, { resend = true }))
    assert.equal(2, seen().calls.loses_session_once)
  end)

  it("opens one session for all tasks that lost it", function()
    local opened = seen().opened
    local functions = {}
    for i = 1, 10 do
      functions[i] = function()
        return refused("loses_session").kind
      end
    end
    for _, kind in ipairs(task.all(functions)) do
      assert.equal("session", kind)
    end
    assert.equal(opened + 1, seen().opened)
    assert.equal("{}", call "echo")
  end)

  it("ends its session", function()
    local live = seen().live
    do
      local _ <close> = mcp.connect { url = server.url }
      assert.equal(live + 1, seen().live)
    end
    assert.equal(live, seen().live)
    local own = mcp.connect { url = server.url }
    assert.is_true(own:close())
    assert.is_true(own:close())
    local err = failure(own.ping, own)
    assert.equal("state", err.kind)
    assert.matches("this client was closed", err.message, 1, true)
  end)

  it("turns pages to the last, and no list for ever", function()
    assert.same({ "tool-1", "tool-2", "tool-3" }, (function()
      local found = {}
      for _, tool in ipairs(client:list_tools()) do
        found[#found + 1] = tool.name
      end
      return found
    end)())
    local endless <close> = mcp.connect { url = server:at "endless" }
    local err = failure(endless.list_tools, endless)
    assert.equal("protocol", err.kind)
    assert.matches('the cursor "again" twice', err.message, 1, true)
  end)

  it("hands over what the server wants to know first", function()
    local modern <close> = mcp.connect { url = server:at "modern", protocol = "2026-07-28" }
    local err = failure(modern.call_tool, modern, "wants_input")
    assert.equal("input_required", err.detail)
    assert.equal("elicitation/create", err.result.inputRequests.name.method)
    assert.equal('["opaque",{"name":"Ada"}]', mcp.text(modern:call_tool("wants_input", {}, {
      request_state = err.result.requestState,
      input_responses = { name = "Ada" },
    })))
    err = failure(modern.call_tool, modern, "unknown_type")
    assert.equal("protocol", err.kind)
  end)

  it("keeps its connections", function()
    local http = require "scalerun.http"
    for _ = 1, 3 do
      call "echo"
      call "notes"
    end
    local before = http.stats()
    for _ = 1, 20 do
      call "echo"
      call "notes"
    end
    local after = http.stats()
    assert.equal(before.dialled, after.dialled)
    assert.equal(before.reused + 40, after.reused)
  end)

  it("counts each call under its name", function()
    local function count(name)
      local series = metrics.current():get(name)
      return series and series.ok or 0, series and series.failed or 0, series and series.errors or {}
    end
    local ok = count "mcp tools/call echo"
    call "echo"
    call("echo", nil, { name = "echo of a spec" })
    refused "invalid"
    assert.equal(ok + 1, (count "mcp tools/call echo"))
    assert.equal(1, (count "echo of a spec"))
    local _, failed, kinds = count "mcp tools/call invalid"
    assert.is_true(failed >= 1)
    assert.equal(failed, kinds["mcp -32602"])
    assert.is_true((count "mcp initialize") >= 1)
  end)

  it("lets a script choose ids and add to _meta", function()
    assert.equal("{}", call("echo", nil, { id = 7, meta = { ["org.example/trace"] = "x" } }))
    assert.equal("{}", call("echo", nil, { id = "seven" }))
  end)

  it("shows a project's observer every message", function()
    local texts = {}
    local project = { id = "alpha", key = "key of alpha", shared = { target = { url = server.url:gsub("/mcp$", "") } } }
    project.observer = function(operation, answer)
      texts[#texts + 1] = operation .. " " .. answer.status .. " " .. answer.body:sub(1, 1)
    end
    local own <close> = mcp.connect { project = project }
    assert.equal("Bearer key of alpha", json.decode(mcp.text(own:call_tool "headers")).authorization)
    own:call_tool "notes"
    assert.equal("mcp initialize 200 {", texts[1])
    assert.equal("mcp tools/call headers 200 {", texts[2])
    assert.equal(2 + 5, #texts)
    assert.equal("alpha", failure(own.call_tool, own, "invalid").project)
  end)

  it("names what the script got wrong", function()
    local function problem(fn, ...)
      local err = failure(fn, ...)
      assert.is_string(err)
      return err
    end
    local text = problem(function()
      local _ = mcp.connect { ulr = server.url }
    end)
    assert.matches("mcp_odd_server_spec.lua:%d+: mcp.connect: unknown option 'ulr' %(did you mean 'url'%?%)", text)
    assert.matches("option 'url' is missing", problem(mcp.connect, {}), 1, true)
    assert.matches("option 'protocol' is one of 2025-11-25, 2025-06-18, 2025-03-26, 2026-07-28",
      problem(mcp.connect, { url = server.url, protocol = "2024-11-05" }), 1, true)
    text = problem(function()
      local _ = client:call_tool("echo", {}, { on_progres = print })
    end)
    assert.matches("mcp_odd_server_spec.lua:%d+: mcp.call_tool: unknown option 'on_progres'", text)
    assert.equal("connect", failure(mcp.connect, { url = "http://127.0.0.1:1/mcp" }).kind)
  end)
end)
