-- A sandbox with several replicas of the target behind HAProxy.
local scale = require "scalerun"
local balancer = require "scalerun.sandbox.balancer"
local haproxy = require "scalerun.haproxy"
local fs, http, pg, task, time = scale.fs, scale.http, scale.pg, scale.task, scale.time

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

local function client_of(box, url)
  return http.client { base_url = url or box.url, headers = { authorization = "Bearer " .. box.keys.alpha } }
end

-- Which replicas answer so many requests one after the other: name → how many.
local function answers(client, count)
  local names = {}
  for _ = 1, count do
    local answer = client:get("/tasks/next?project=alpha")
    assert.equal(200, answer.status)
    local name = answer.headers["x-replica"]
    names[name] = (names[name] or 0) + 1
  end
  return names
end

-- The lines of all replicas' logs that have the text.
local function logged(box, text)
  local count = 0
  for _, name in ipairs(fs.list(box.log_dir)) do
    if name:find("^target%-.*%.log$") then
      for line in fs.read(box.log_dir .. "/" .. name):gmatch("[^\n]+") do
        count = count + (line:find(text, 1, true) and 1 or 0)
      end
    end
  end
  return count
end

local function await(what, ready)
  local deadline = time.now() + 20
  while not ready() do
    assert.is_true(time.now() < deadline, what)
    time.sleep(0.01)
  end
end

local function server(box, name)
  for _, one in ipairs(haproxy.stats(box.balancer.stats_url)) do
    if one.name == name then
      return one
    end
  end
end

describe("replicas behind a balancer", function()
  local box, client

  setup(function()
    box = scale.sandbox.start { projects = { "alpha" }, tasks = 10, reserve_rate = 0, replicas = 3 }
  end)

  before_each(function()
    box:settle { reserve_rate = 0, replicas = 3 }
    client = client_of(box)
  end)

  teardown(function()
    box:stop()
  end)

  it("take turns, whatever the connection", function()
    assert.same({ a = 20, b = 20, c = 20 }, answers(client, 60))
    for _, one in ipairs(box.replicas) do
      assert.same({ [one.name] = 3 }, answers(client_of(box, one.url), 3))
    end
  end)

  it("are counted by the balancer", function()
    local before = server(box, "a").requests
    answers(client, 30)
    assert.equal(before + 10, server(box, "a").requests)
    assert.same({ "replicas", "UP", 0, 1 },
      { server(box, "a").backend, server(box, "a").status, server(box, "a").errors, server(box, "a").weight })
  end)

  it("speak MCP under the balancer's name", function()
    local mcp <close> = scale.mcp.connect {
      url = box.url .. "/mcp", headers = { authorization = "Bearer " .. box.keys.alpha },
    }
    for _ = 1, 6 do
      assert.is_true(#mcp:list_tools() > 0)
    end
  end)

  it("are missed when they are killed, and come back at the same URL", function()
    local url = box.replicas[2].url
    box:kill("b")
    assert.matches("replica 'b' does not run", failure(box.kill, box, "b").message)
    await("b is not taken out", function()
      return server(box, "b").status == "DOWN"
    end)
    assert.same({ a = 10, c = 10 }, answers(client, 20))
    assert.is_true(box:start_replica("b"))
    assert.is_false(box:start_replica("b"))
    assert.equal(url, box.replicas[2].url)
    assert.same({ a = 10, b = 10, c = 10 }, answers(client, 30))
    assert.matches("no replica 'z': there are a, b, c", failure(box.kill, box, "z").message)
  end)

  it("lose what a killed one was at: the client is told, and nothing is sent again", function()
    local connection <close> = pg.connect(box.dsn)
    local asking, lost = {}, 0
    connection:transaction({}, function(tx)
      tx:query("LOCK TABLE id_registry IN ACCESS EXCLUSIVE MODE")
      for index = 1, 3 do
        asking[index] = task.spawn(function()
          return client:post("/ids/reserve", {
            json = { type = "US", count = 1, project_id = "alpha" }, expected = { 200, 502 },
          }).status
        end)
      end
      await("the replicas do not wait for the lock", function()
        return server(box, "a").active + server(box, "b").active + server(box, "c").active == 3
      end)
      box:kill("a")
      await("nobody is told", function()
        return asking[1]:done() or asking[2]:done() or asking[3]:done()
      end)
    end)
    for _, one in ipairs(asking) do
      local ok, status = one:wait()
      lost = lost + ((not ok or status == 502) and 1 or 0)
    end
    assert.equal(1, lost)
    await("two requests are not logged", function()
      return logged(box, "/ids/reserve") >= 2
    end)
    assert.equal(2, logged(box, "/ids/reserve"))
    assert.equal(2, connection:value("SELECT last_assigned_id FROM id_registry WHERE artifact_type = 'US'"))
  end)

  it("are restarted all at once, at the same URLs", function()
    local urls, pids = {}, {}
    for index, one in ipairs(box.targets) do
      urls[index], pids[index] = one.url, one.process.pid
    end
    box:restart()
    for index, one in ipairs(box.targets) do
      assert.equal(urls[index], one.url)
      assert.not_equal(pids[index], one.process.pid)
    end
    assert.same({ a = 10, b = 10, c = 10 }, answers(client, 30))
  end)

  it("are started and stopped one by one as their number changes", function()
    local pid, url = box.targets[1].process.pid, box.url
    assert.is_true(box:configure { replicas = 1 })
    assert.equal(pid, box.targets[1].process.pid)
    assert.equal(box.replicas[1].url, box.url)
    assert.is_nil(box.balancer)
    assert.same({ a = 3 }, answers(client_of(box), 3))
    assert.is_true(box:configure { replicas = 2 })
    assert.equal(url, box.url)
    assert.same({ a = 2, b = 2 }, answers(client, 4))
    assert.is_false(box:configure { replicas = 2 })
    assert.equal(pid, box.targets[1].process.pid)
    box:kill("a")
    assert.is_true(box:configure {})
    assert.same({ a = 2, b = 2 }, answers(client, 4))
  end)

  it("can be one, and be logged", function()
    box:settle { replicas = 1, balancer = true, balancer_log = true }
    answers(client, 1)
    await("the balancer logs nothing", function()
      return fs.read(box.balancer.log):find("GET /tasks/next?project=alpha", 1, true)
    end)
  end)

  it("are not served evenly by a balancer at fault", function()
    box:configure { fault = "skewed_balancer" }
    assert.same({ a = 40, b = 10, c = 10 }, answers(client, 60))
    box:configure { fault = { "skewed_balancer", "leak_tasks" } }
    assert.same({ a = 4, b = 1, c = 1 }, answers(client, 6))
    box:configure { fault = "sticky_balancer" }
    local name, count = next(answers(client, 12))
    assert.same({ [name] = 12 }, { [name] = count })
    box:configure { fault = false }
    assert.same({ a = 2, b = 2, c = 2 }, answers(client, 6))
  end)

  it("go on being sent requests when they are gone, by a balancer at fault", function()
    box:configure { fault = "blind_balancer" }
    box:kill("b")
    scale.time.sleep("700ms")
    local failed = 0
    for _ = 1, 6 do
      failed = failed + (pcall(answers, client, 1) and 0 or 1)
    end
    box:start_replica("b")
    box:configure { fault = false }
    assert.equal(2, failed)
  end)
end)

describe("the balancer", function()
  it("is told never to send a request again", function()
    local text = balancer.configuration("127.0.0.1:1", "127.0.0.1:2", {
      servers = { { name = "a", url = "http://127.0.0.1:3" } }, skewed = false, log = false,
    })
    assert.is_truthy(text:find("\n  retries 0\n  no option redispatch\n", 1, true))
    assert.is_nil(text:find("retry-on", 1, true))
    assert.is_truthy(text:find("\n  server a 127.0.0.1:3 weight 1\n", 1, true))
  end)
end)
