-- scale.mcp with other people's programs: the reference server, the SDK's example servers, a server of the stateless
-- revision, and the official conformance suite.
local build = require "scalerun.core.build"
local fs = require "scalerun.fs"
local json = require "scalerun.json"
local mcp = require "scalerun.mcp"
local peers = require "spec.support.peers"
local process = require "scalerun.process"
local task = require "scalerun.task"

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

local function names(list)
  local found = {}
  for _, one in ipairs(list) do
    found[one.name] = true
  end
  return found
end

describe("scale.mcp", function()
  local servers

  setup(function()
    servers = peers.start_all { "everything", "json_only", "per_request", "polling", "stateless" }
  end)

  teardown(function()
    for _, server in pairs(servers) do
      server:stop()
    end
  end)

  describe("with the reference server", function()
    local client

    setup(function()
      client = mcp.connect { url = servers.everything.url }
    end)

    teardown(function()
      assert.is_true(client:close())
    end)

    it("agrees on a revision and a session", function()
      assert.equal("2025-11-25", client.protocol)
      assert.is_string(client.session_id)
      assert.equal("mcp-servers/everything", client.server.name)
      assert.is_table(client.capabilities.tools)
      assert.matches("Everything Server", client.instructions)
    end)

    it("speaks the older revisions", function()
      for _, revision in ipairs { "2025-06-18", "2025-03-26" } do
        local older <close> = mcp.connect { url = servers.everything.url, protocol = revision }
        assert.equal(revision, older.protocol)
        assert.equal("Echo: hello", mcp.text(older:call_tool("echo", { message = "hello" })))
      end
    end)

    it("lists, reads, gets and calls", function()
      assert.is_true(#client:list_resources() > 3)
      assert.is_true(#client:list_resource_templates() >= 2)
      assert.matches("Architecture", mcp.text(client:read_resource "demo://resource/static/document/architecture.md"))
      assert.matches("Resource 7", mcp.text(client:read_resource "demo://resource/dynamic/text/7"))
      assert.is_true(names(client:list_prompts())["args-prompt"])
      assert.matches("Grenoble", mcp.text(client:get_prompt("args-prompt", { city = "Grenoble" })))
      assert.is_true(names(client:list_tools()).echo)
      assert.matches("sum of 2 and 3 is 5", mcp.text(client:call_tool("get-sum", { a = 2, b = 3 })))
      local weather = client:call_tool("get-structured-content", { location = "New York" })
      assert.is_number(weather.structuredContent.temperature)
      client:ping()
    end)

    it("follows progress", function()
      local steps = {}
      local result = client:call_tool("trigger-long-running-operation", { duration = 0.2, steps = 4 }, {
        on_progress = function(progress, total)
          steps[#steps + 1] = ("%g/%g"):format(progress, total)
        end,
      })
      assert.matches("completed", mcp.text(result))
      assert.same({ "1/4", "2/4", "3/4", "4/4" }, steps)
    end)

    it("answers what the server asks for meanwhile", function()
      local asked
      local own <close> = mcp.connect {
        url = servers.everything.url,
        capabilities = { sampling = {} },
        on_request = function(method, params)
          asked = method .. " " .. params.messages[1].content.text
          return {
            role = "assistant",
            model = "none",
            content = { type = "text", text = "an answer of the script's" },
          }
        end,
      }
      assert.is_true(names(own:list_tools())["trigger-sampling-request"])
      local result = own:call_tool("trigger-sampling-request", { prompt = "say something" })
      assert.matches("an answer of the script's", mcp.text(result))
      assert.matches("sampling/createMessage .*say something", asked)
    end)

    it("tells failed tools from refused requests", function()
      local err = failure(client.call_tool, client, "get-sum", { a = "two" })
      assert.equal("tool", err.kind)
      assert.equal("mcp tools/call get-sum", err.operation)
      assert.is_true(err.result.isError)
      local result = client:call_tool("get-sum", { a = "two" }, { return_errors = true })
      assert.is_true(result.isError)
      err = failure(client.read_resource, client, "demo://nothing")
      assert.equal("mcp", err.kind)
      assert.equal("-32602", err.detail)
      err = failure(client.get_prompt, client, "no-such-prompt")
      assert.equal(-32602, err.code)
      assert.equal("mcp prompts/get no-such-prompt", err.operation)
      assert.equal("mcp", failure(client.request, client, "no/such-method").kind)
    end)

    it("serves many tasks at once", function()
      local functions = {}
      for i = 1, 40 do
        functions[i] = function()
          return mcp.text(client:call_tool("get-sum", { a = i, b = 1 }))
        end
      end
      for i, text in ipairs(task.all(functions)) do
        assert.matches(("is %d%%.?$"):format(i + 1), text)
      end
    end)
  end)

  describe("with the SDK's example servers", function()
    it("takes answers in JSON alone", function()
      local client <close> = mcp.connect { url = servers.json_only.url }
      assert.is_string(client.session_id)
      assert.is_true(names(client:list_tools()).greet)
      assert.equal("Hello, Ada!", mcp.text(client:call_tool("greet", { name = "Ada" })))
      assert.equal("mcp", failure(client.list_resources, client).kind)
    end)

    it("does without a session", function()
      local client <close> = mcp.connect { url = servers.per_request.url }
      assert.is_nil(client.session_id)
      assert.equal("Hello, world!", mcp.text(client:read_resource(client:list_resources()[1].uri)))
      assert.is_true(names(client:list_prompts())["greeting-template"])
      assert.equal("Please greet Ada in a friendly manner.",
        mcp.text(client:get_prompt("greeting-template", { name = "Ada" })))
      assert.matches("Started sending", mcp.text(client:call_tool("start-notification-stream", {
        interval = 1,
        count = 3,
      })))
    end)

    it("polls where the server wishes it to", function()
      local client <close> = mcp.connect { url = servers.polling.url }
      assert.equal("Long task completed successfully!", mcp.text(client:call_tool "long-task"))
    end)
  end)

  describe("with the stateless revision", function()
    it("lists, reads, gets, calls, follows progress", function()
      local client <close> = mcp.connect { url = servers.stateless.url, protocol = "2026-07-28" }
      assert.equal("2026-07-28", client.protocol)
      assert.is_nil(client.session_id)
      assert.equal("stateless-server", client.server.name)
      assert.is_table(client.capabilities.tools)
      assert.equal("Hello, Ada!", mcp.text(client:call_tool("greet", { name = "Ada" })))
      assert.equal("Hello, world!", mcp.text(client:read_resource(client:list_resources()[1].uri)))
      assert.equal("Hello, Ada!", mcp.text(client:read_resource "mcp://greetings/Ada"))
      assert.equal("Greet Ada.", mcp.text(client:get_prompt("grüße", { name = "Ada" })))
      assert.is_true(names(client:list_prompts())["grüße"])
      assert.equal("tool", failure(client.call_tool, client, "fail").kind)
      local steps = {}
      client:call_tool("count", { to = 3 }, {
        on_progress = function(progress, total)
          steps[#steps + 1] = ("%g/%g"):format(progress, total)
        end,
      })
      assert.same({ "1/3", "2/3", "3/3" }, steps)
      client:ping()
      assert.equal("-32602", failure(client.read_resource, client, "mcp://nowhere").detail)
    end)

    it("mirrors arguments into headers once it knows the tool", function()
      local client <close> = mcp.connect { url = servers.stateless.url, protocol = "2026-07-28" }
      assert.equal("-32020", failure(client.call_tool, client, "routed", { region = "eu" }).detail)
      client:list_tools()
      assert.equal("eu", mcp.text(client:call_tool("routed", { region = "eu" })))
      assert.equal("Zürich", mcp.text(client:call_tool("routed", { region = "Zürich" })))
    end)

    it("says what to do where initialize is refused", function()
      local err = failure(mcp.connect, { url = servers.stateless.url })
      assert.equal("mcp", err.kind)
      assert.matches('protocol = "2026-07-28"', err.message, 1, true)
    end)

    it("initializes where the server does not know it", function()
      for _, name in ipairs { "everything", "json_only", "per_request" } do
        local client <close> = mcp.connect { url = servers[name].url, protocol = "2026-07-28" }
        assert.equal("2025-11-25", client.protocol)
        assert.is_true(#client:list_tools() > 0)
      end
    end)
  end)
end)

describe("the official conformance suite", function()
  local suite = peers.path "node_modules/@modelcontextprotocol/conformance/dist/index.js"
  local client = peers.path "../support/conformance_client.lua"
  local totals = {}

  teardown(function()
    print("\nconformance: client: " .. table.concat(totals, ", "))
  end)

  -- The suite's verdicts on one run of a scenario.
  local function judge(name, folder)
    -- The suite puts the server's URL behind the command.
    local command = ("sh -c 'SERVER_URL=$0 exec %s %s'"):format(build.executable, client)
    local ended = process.run { peers.path "node_modules/.bin/node", suite, "client", "--command", command,
      "--scenario", name, "--output-dir", folder }
    local results = fs.list(folder)
    assert.equal(1, #results, ended.stdout .. ended.stderr)
    local passed, failed = 0, {}
    for _, check in ipairs(json.decode(fs.read(("%s/%s/checks.json"):format(folder, results[1])))) do
      if check.status == "SUCCESS" then
        passed = passed + 1
      elseif check.status ~= "INFO" then
        failed[#failed + 1] = ("%s: %s"):format(check.id, check.errorMessage)
      end
    end
    local complaints = fs.read(("%s/%s/stderr.txt"):format(folder, results[1]))
    return passed, table.concat(failed, "; "), complaints
  end

  local function judged(name, checks)
    it("passes our client in " .. name, function()
      local passed, failed, complaints
      -- The suite judges waits by the clock: a machine that was busy elsewhere may try again.
      for _ = 1, 3 do
        local folder = fs.mkdtemp "scalerun-conformance-"
        passed, failed, complaints = judge(name, folder)
        fs.remove(folder)
        if not failed:find("client-sse-retry-timing", 1, true) then
          break
        end
      end
      totals[#totals + 1] = ("%s %d of %d checks"):format(name, passed, checks)
      assert.equal("", failed, complaints)
      assert.equal(checks, passed)
      assert.matches("nothing was judged", complaints, 1, true)
    end)
  end

  judged("initialize", 1)
  judged("tools_call", 1)
  judged("sse-retry", 3)
end)
