local http = require "scalerun.http"
local metrics = require "scalerun.core.metrics"
local task = require "scalerun.task"
local nginx = require "spec.support.nginx"

describe("http.stream", function()
  local server, client

  setup(function()
    server = nginx.start()
  end)

  teardown(function()
    server:stop()
  end)

  before_each(function()
    client = http.client { base_url = "http://localhost", unix_socket = server.plain, idle_timeout = 17 }
  end)

  local function failure(fn, ...)
    local ok, err = pcall(fn, ...)
    assert.is_false(ok)
    return err
  end

  local function rest(stream)
    local pieces = {}
    for bytes in function() return stream:read() end do
      pieces[#pieces + 1] = bytes
    end
    return table.concat(pieces), #pieces
  end

  it("gives the head first and the body as it comes", function()
    local stream <close> = http.stream("GET", "http://localhost/large", { unix_socket = server.plain })
    assert.equal(200, stream.status)
    assert.equal("text/plain", stream.headers["Content-Type"])
    local body, pieces = rest(stream)
    assert.equal(server.large, body)
    assert.is_true(pieces > 1)
    assert.is_nil(stream:read())
  end)

  it("keeps the connection of a body that was read to its end", function()
    local before = client:stats()
    for _ = 1, 5 do
      local stream <close> = client:stream("POST", "/said", { body = "some body" })
      assert.equal("POST||9|||", (rest(stream)))
    end
    local after = client:stats()
    assert.equal(before.open + 1, after.open)
    assert.equal(before.reused + 4, after.reused)
  end)

  it("closes the connection of one that was not", function()
    local before = client:stats()
    do
      local stream <close> = client:stream("GET", "/large")
      assert.equal(200, stream.status)
      assert.equal(before.open + (before.idle > 0 and 0 or 1), client:stats().open)
    end
    assert.equal(0, client:stats().open)
    client:stream("GET", "/large")
    collectgarbage()
    collectgarbage()
    assert.equal(0, client:stats().open)
  end)

  it("waits for a read no longer than told, and loses nothing", function()
    local stream <close> = client:stream("GET", "/steady")
    local got, err = "", nil
    repeat -- a first piece may come at once; nginx then pauses for a second
      local ok, value = pcall(stream.read, stream, "20ms")
      if ok then
        got = got .. value
      else
        err = value
      end
    until err
    assert.equal("timeout", err.kind)
    assert.matches("localhost/steady: timed out after 20 ms while waiting for more of the body", err.message, 1, true)
    got = got .. stream:read("10s")
    assert.equal(server.large:sub(1, #got), got)
  end)

  it("is read by one task at a time", function()
    local stream <close> = client:stream("GET", "/steady")
    local reader = task.spawn(function()
      for _ = 1, 100 do
        stream:read()
      end
    end)
    require("scalerun.time").sleep(0)
    assert.equal("state", failure(stream.read, stream).kind)
    reader:cancel()
    local ok, err = reader:wait()
    assert.is_false(ok)
    assert.equal("cancel", err.kind)
    stream:close()
    assert.equal("state", failure(stream.read, stream).kind)
    stream:close()
  end)

  it("ends a read when another task closes it", function()
    local stream = client:stream("GET", "/steady")
    local reader = task.spawn(function()
      for _ = 1, 100 do
        stream:read()
      end
    end)
    require("scalerun.time").sleep(0)
    stream:close()
    local ok, err = reader:wait()
    assert.is_false(ok)
    assert.equal("cancel", err.kind)
    assert.equal(0, client:stats().open)
  end)

  it("raises what keeps it from the response", function()
    local err = failure(http.stream, "GET", "http://localhost/", { unix_socket = "/nonexistent/socket" })
    assert.equal("connect", err.kind)
    err = failure(client.stream, client, "GET", "/", { redirects = 3 })
    assert.equal("unsupported", err.kind)
    assert.matches("cannot be streamed with compression, redirects", err.message, 1, true)
    assert.matches("http.stream: unknown option 'timeuot' (did you mean 'timeout'?)",
      failure(function()
        client:stream("GET", "/", { timeuot = 1 })
      end), 1, true)
    local stream <close> = client:stream("GET", "/large", { max_body = 1000 })
    assert.equal("limit", failure(rest, stream).kind)
  end)

  it("counts the request when its head has come", function()
    do
      local stream <close> = client:stream("GET", "/", { name = "stream of a spec" })
      assert.equal(200, stream.status)
    end
    assert.equal(1, metrics.current():get("stream of a spec").ok)
  end)
end)
