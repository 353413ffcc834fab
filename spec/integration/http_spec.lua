local http = require "scalerun.http"
local metrics = require "scalerun.core.metrics"
local task = require "scalerun.task"
local nginx = require "spec.support.nginx"

describe("scale.http", function()
  local server, client

  setup(function()
    server = nginx.start()
  end)

  teardown(function()
    server:stop()
  end)

  before_each(function()
    client = http.client { base_url = "http://localhost", unix_socket = server.plain }
  end)

  local function failure(fn, ...)
    local ok, err = pcall(fn, ...)
    assert.is_false(ok)
    return err
  end

  it("gives status, body and headers in any case", function()
    local response = http.get("http://localhost/", { unix_socket = server.plain })
    assert.equal(200, response.status)
    assert.equal("hello\n", response.body)
    assert.equal("text/plain", response.headers["content-type"])
    assert.equal("text/plain", response.headers["Content-Type"])
    assert.equal("6", response.headers["CONTENT-LENGTH"])
    assert.is_nil(response.headers["x-none"])
    assert.equal("1.1", response.version)
    assert.equal(0, response.redirects)
    assert.is_nil(response.final_url)
    assert.equal("HTTP 200, 6 bytes", tostring(response))
  end)

  it("keeps repeated headers apart", function()
    local response = client:get "/twice"
    assert.same({ "a=1", "b=2" }, response:header_values "set-cookie")
    assert.same({ "1" }, response:header_values "x-one")
    assert.same({}, response:header_values "x-none")
    assert.equal("a=1, b=2", response.headers["set-cookie"])
  end)

  it("has timings in seconds", function()
    local fresh = http.client { base_url = "http://localhost", unix_socket = server.plain, max_connections = 7 }
    local first, second = fresh:get("/").timings, fresh:get("/").timings
    for _, name in ipairs { "wait", "dns", "connect", "tls", "first_byte", "total" } do
      assert.is_true(first[name] >= 0 and first[name] < 30, name)
    end
    assert.is_true(first.connect > 0)
    assert.equal(0, second.connect)
    assert.is_true(second.total >= second.first_byte)
  end)

  it("keeps connections", function()
    local own = http.client { base_url = "http://localhost", unix_socket = server.plain, max_connections = 3 }
    for i = 1, 30 do
      assert.equal(i > 1, own:get("/").reused)
    end
    assert.same({ open = 1, idle = 1, waiting = 0, dialled = 1, reused = 29, discarded = 0 }, own:stats())
    assert.equal("bye", own:get("/close").body)
    assert.equal(0, own:stats().open)
  end)

  it("holds to max_connections while many ask", function()
    local own = http.client { base_url = "http://localhost", unix_socket = server.plain, max_connections = 4 }
    local functions = {}
    for i = 1, 60 do
      functions[i] = function()
        return own:get("/").status
      end
    end
    for _, status in ipairs(task.all(functions)) do
      assert.equal(200, status)
    end
    assert.equal(4, own:stats().dialled)
    assert.equal(56, own:stats().reused)
  end)

  it("sends bodies, JSON and headers", function()
    local response = client:post("/echo", { body = "some body", headers = { ["X-One"] = 1, ["X-Two"] = { "a", "b" } } })
    assert.equal("POST||9|1|a|", response.body)
    assert.equal("some body", response.headers["x-body"])

    response = client:put("/echo", { json = { b = true, a = { 1, 2 } } })
    assert.equal("PUT|application/json|20||", response.body:sub(1, -2))
    assert.equal([[{"a":[1,2],"b":true}]], response.headers["x-body"])

    response = client:request("PATCH", "/echo", { json = {}, headers = { ["content-type"] = "x/json" } })
    assert.equal("PATCH|x/json|2||", response.body:sub(1, -2))
    assert.equal("DELETE|||", client:delete("/said").body:sub(1, 9))
    assert.equal("", client:head("/").body)
    assert.equal(204, client:get("/none").status)
  end)

  it("sends and receives large bodies", function()
    assert.equal(server.large, client:get("/large").body)
    assert.equal("POST||800000|||", client:post("/said", { body = server.large }).body)
  end)

  it("takes request{…} with everything in one table", function()
    local response = http.request {
      url = "http://localhost/said", method = "OPTIONS", unix_socket = server.plain, timeout = "5s",
    }
    assert.equal("OPTIONS|||||", response.body)
    assert.equal("hello\n", client:request({ url = "/" }).body)
    assert.equal("hello\n", client:request("GET", "/").body)
  end)

  it("merges the client's headers with the request's", function()
    local own = http.client {
      base_url = "http://me:secret@localhost/",
      unix_socket = server.plain,
      headers = { ["x-one"] = "client", ["X-Two"] = 2 },
      timeout = 5,
    }
    collectgarbage()
    assert.equal("GET|||client|2|Basic bWU6c2VjcmV0", own:get("/said").body)
    assert.equal("GET|||mine|2|Bearer x",
      own:get("/said", { headers = { ["X-One"] = "mine", authorization = "Bearer x" } }).body)
    assert.equal("GET||||2|Basic bWU6c2VjcmV0", own:get("/said", { headers = { ["x-one"] = false } }).body)
    assert.equal("GET|||client|2|Basic bWU6c2VjcmV0", own:get("/said").body)
  end)

  it("decodes JSON, and says what it got instead", function()
    assert.same({ count = 3, name = "US-001" }, client:get("/json"):json())
    local err = failure(function()
      client:get("/"):json()
    end)
    assert.equal("json", err.kind)
    assert.matches("status 200, text/plain", err.message, 1, true)
    assert.matches("near 'hello' at line 1", err.message, 1, true)
  end)

  it("treats any status as a response, and counts it", function()
    assert.equal(404, client:get("/nowhere", { name = "spec.nowhere" }).status)
    assert.equal(404, client:get("/nowhere", { name = "spec.nowhere", expected = 404 }).status)
    assert.equal(404, client:get("/nowhere", { name = "spec.nowhere", expected = { 200, 404 } }).status)
    assert.equal(200, client:get("/", { name = "spec.nowhere", expected = { 404 } }).status)
    assert.equal(302, client:get("/hop", { name = "spec.nowhere" }).status)
    local seen = metrics.current():get "spec.nowhere"
    assert.equal(3, seen.ok)
    assert.equal(2, seen.failed)
    assert.same({ ["http 404"] = 1, ["http 200"] = 1 }, seen.errors)
    assert.is_true(seen.min > 0)

    local own = http.client {
      base_url = "http://localhost", unix_socket = server.plain, name = "spec.own", expected = 404,
    }
    own:get "/nowhere"
    own:get("/nowhere", { name = "spec.other" })
    assert.equal(1, metrics.current():get("spec.own").ok)
    assert.equal(1, metrics.current():get("spec.other").ok)
  end)

  it("raises an error table when there is no response, and counts it", function()
    local err = failure(http.get, "http://me:secret@localhost/x", { unix_socket = "/nowhere.sock", name = "spec.gone" })
    assert.equal("connect", err.kind)
    assert.equal("spec.gone", err.operation)
    assert.matches("GET http://localhost/x: cannot connect to the socket /nowhere.sock", err.message, 1, true)
    assert.is_nil(tostring(err):find("secret", 1, true))
    assert.same({ connect = 1 }, metrics.current():get("spec.gone").errors)

    err = failure(http.get, "http://no-such-host.invalid/")
    assert.equal("dns", err.kind)
    assert.equal("http.request", err.operation)
    err = failure(http.get, "localhost/x")
    assert.matches("must begin with http://", err.message, 1, true)
    err = failure(client.get, client, "/", { headers = { ["X-One"] = "a\r\nX-Two: b" } })
    assert.matches("line break", err.message, 1, true)
  end)

  it("gives up at the timeout", function()
    local err = failure(client.get, client, "/slow", { timeout = "100ms", name = "spec.http.slow" })
    assert.equal("timeout", err.kind)
    assert.matches("GET http://localhost/slow: timed out after 100 ms", err.message, 1, true)
    assert.same({ timeout = 1 }, metrics.current():get("spec.http.slow").errors)
  end)

  it("refuses bodies over max_body", function()
    local err = failure(client.get, client, "/large", { max_body = 1000 })
    assert.equal("limit", err.kind)
    assert.matches("max_body allows 1000", err.message, 1, true)
  end)

  it("ends when its task is cancelled", function()
    local handle = task.spawn(function()
      client:get "/slow"
    end)
    require("scalerun.time").sleep(0)
    handle:cancel()
    local ok, err = handle:wait()
    assert.is_false(ok)
    assert.equal("cancel", err.kind)
    assert.equal(200, client:get("/").status)
  end)

  describe("over TLS", function()
    local function get(options)
      options.unix_socket = server.tls
      return http.get("https://localhost/", options)
    end

    it("refuses a certificate that nobody vouches for", function()
      local err = failure(get, {})
      assert.equal("tls", err.kind)
      assert.matches("self-signed certificate", err.message, 1, true)
      assert.matches("ca_file", err.message, 1, true)
    end)

    it("takes one that the script trusts, and keeps the connection", function()
      local response = get { ca_file = server.cert }
      assert.equal("hello\n", response.body)
      assert.is_true(response.timings.tls > 0)
      assert.equal("1.1", response.version)
      assert.is_true(get({ ca_file = server.cert }).reused)
      assert.is_false(get({ insecure = true }).reused)
    end)

    it("speaks HTTP/2 when asked", function()
      local functions = {}
      for i = 1, 20 do
        functions[i] = function()
          return get { ca_file = server.cert, version = "2" }
        end
      end
      local dialled = 0
      for _, response in ipairs(task.all(functions)) do
        assert.equal("hello\n", response.body)
        assert.equal("2", response.version)
        assert.equal("text/plain", response.headers["Content-Type"])
        dialled = dialled + (response.reused and 0 or 1)
      end
      assert.equal(1, dialled)
    end)
  end)

  it("speaks HTTP/2 without TLS", function()
    local response = http.post("http://localhost/echo", {
      unix_socket = server.h2, version = "2", json = { 1 }, headers = { ["x-one"] = "1" },
    })
    assert.equal("POST|application/json|3|1||", response.body)
    assert.equal("2", response.version)
    local functions = {}
    for i = 1, 10 do
      functions[i] = function()
        return http.get("http://localhost/", { unix_socket = server.h2, version = "2" }).body
      end
    end
    for _, body in ipairs(task.all(functions)) do
      assert.equal("hello\n", body)
    end
  end)

  it("follows redirects when asked", function()
    local response = client:get("/hops", { redirects = 2 })
    assert.equal("hello\n", response.body)
    assert.equal(2, response.redirects)
    assert.equal("http://localhost/", response.final_url)
    assert.equal("limit", failure(client.get, client, "/hops", { redirects = 1 }).kind)
    assert.equal(302, client:get("/hops").status)
  end)

  it("decompresses when asked", function()
    local response = client:get("/large", { compressed = true })
    assert.equal(server.large, response.body)
    assert.equal("gzip", response.headers["content-encoding"])
    assert.is_nil(client:get("/large").headers["content-encoding"])
  end)

  describe("refuses", function()
    local function message(fn, ...)
      local err = failure(fn, ...)
      assert.equal("string", type(err))
      return err
    end

    it("unknown options, with the script's line and the nearest name", function()
      local line = debug.getinfo(1, "l").currentline
      local err = message(function()
        http.get("http://localhost/", { timout = 1 })
      end)
      assert.matches(("http_spec.lua:%d: http.get: unknown option 'timout' (did you mean 'timeout'?)"):format(line + 2),
        err, 1, true)
      err = message(function()
        client:post("/", { url = "/" })
      end)
      assert.matches("http_spec.lua:%d+: http.post: unknown option 'url' %(known are: headers, body", err)
      err = message(function()
        http.client { bsae_url = "x" }
      end)
      assert.matches("http_spec.lua:%d+: http.client: unknown option 'bsae_url' %(did you mean 'base_url'%?%)", err)
    end)

    it("values of the wrong kind", function()
      for why, options in pairs {
        ["option 'timeout' must be a duration above 0"] = { timeout = "soon" },
        ["option 'timeout' must be a duration above 0: "] = { timeout = 0 },
        ["option 'body' must be a string, not table"] = { body = {} },
        ["option 'expected' must be"] = { expected = "200" },
        ["option 'expected' must be a status"] = { expected = { "200" } },
        ["option 'insecure' must be true or false"] = { insecure = 1 },
        ["option 'redirects' must be an integer from 0 to 100"] = { redirects = true },
        ['option \'version\' must be "1.1" or "2"'] = { version = 2 },
        ["option 'headers' must be a table"] = { headers = "x" },
        ["header 'x' must be a string, a number or a list of these, not function"] = { headers = { x = print } },
        ["give either body or json"] = { body = "", json = {} },
        ["json.a is a function"] = { json = { a = print } },
        ["more than 64 headers"] = { headers = { x = table.move({}, 1, 0, 1, (function()
          local list = {}
          for i = 1, 65 do
            list[i] = i
          end
          return list
        end)()) } },
      } do
        assert.matches(why, message(client.get, client, "/", options), 1, true)
      end
      assert.matches("the URL must be a string, not nil", message(http.get), 1, true)
      assert.matches("the options must be a table", message(http.get, "http://localhost/", 5), 1, true)
      assert.matches("the option 'url' is missing", message(http.request, {}), 1, true)
      assert.matches("the path must begin with '/'", message(client.get, client, "http://other/"), 1, true)
    end)

    it("to wait where nothing can wait", function()
      local err = message(function()
        coroutine.wrap(function()
          client:get "/"
        end)()
      end)
      assert.matches("http.get cannot wait inside a coroutine", err, 1, true)
    end)

    it("fields that a response does not have", function()
      local response = client:get "/"
      assert.matches("no field 'stauts' (did you mean 'status'?)", message(function()
        return response.stauts
      end), 1, true)
      assert.matches("no field 'xyz' (it has status", message(function()
        return response.xyz
      end), 1, true)
    end)
  end)
end)
