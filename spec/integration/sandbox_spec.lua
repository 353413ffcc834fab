local scale = require "scalerun"
local build = require "scalerun.core.build"
local dataset = require "scalerun.sandbox.dataset"
local os_core = require "scalerun.core.os"
local programs = require "scalerun.sandbox.programs"
local target = require "scalerun.sandbox.target"
local fs, http, json, pg, process, redis, time =
  scale.fs, scale.http, scale.json, scale.pg, scale.process, scale.redis, scale.time

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

-- The process and all that descend from it.
local function family(pid, list)
  list = list or {}
  list[#list + 1] = pid
  for _, thread in ipairs(fs.exists("/proc/" .. pid) and fs.list(("/proc/%d/task"):format(pid)) or {}) do
    local ok, children = pcall(fs.read, ("/proc/%d/task/%s/children"):format(pid, thread))
    for child in (ok and children or ""):gmatch("%d+") do
      family(math.tointeger(child), list)
    end
  end
  return list
end

local function lives(pid)
  local ok, status = pcall(fs.read, ("/proc/%d/status"):format(pid))
  return ok and not status:find("\nState:%s+[ZX]")
end

-- Waits until none of the processes is left, and the folder is gone.
local function expect_nothing_left(pids, folder)
  local deadline = time.now() + 20
  for _, pid in ipairs(pids) do
    while lives(pid) and time.now() < deadline do
      time.sleep(0.01)
    end
    assert.is_false(lives(pid), ("process %d is left"):format(pid))
  end
  while fs.exists(folder) and time.now() < deadline do
    time.sleep(0.01)
  end
  assert.is_false(fs.exists(folder), folder .. " is left")
end

-- scalerun with a script that holds a sandbox and then does `rest`.
local function start_scalerun(folder, rest)
  fs.write(folder .. "/hold.lua", ([[
    local scale = require "scalerun"
    local box <close> = scale.sandbox.start { tasks = 10, replicas = 2 }
    print(box.folder)
    io.stdout:flush()
    %s
  ]]):format(rest))
  local child = process.spawn {
    build.executable, folder .. "/hold.lua", stdin = "pipe", stdout = "pipe", stderr = "pipe",
  }
  local held = child:read("line")
  if not held then
    error("no sandbox: " .. (child:read("all", { from = "stderr" }) or "?"))
  end
  local pids = family(child.pid)
  assert.is_true(#pids > 10, "too few processes") -- keeper, PostgreSQL's own, Redis, HAProxy, two replicas
  return child, pids, held
end

describe("the data set", function()
  local function all(...)
    local list = {}
    for row in dataset.rows(...) do
      assert.equal(#dataset.COLUMNS, #row)
      list[#list + 1] = row
    end
    return list
  end

  it("is the same for the same seed", function()
    local rows = all({ "alpha", "beta" }, 20, 42)
    assert.same(rows, all({ "alpha", "beta" }, 20, 42))
    assert.not_same(rows, all({ "alpha", "beta" }, 20, 43))
  end)

  it("numbers tasks through over all projects", function()
    local rows = all({ "alpha", "beta" }, 600, 42)
    assert.equal(1200, #rows)
    assert.same({ "TASK-001", "alpha" }, { table.unpack(rows[1], 1, 2) })
    assert.same({ "TASK-601", "beta" }, { table.unpack(rows[601], 1, 2) })
    assert.same({ "TASK-1200", "beta" }, { table.unpack(rows[1200], 1, 2) })
    assert.same({}, all({ "alpha" }, 0, 42))
  end)
end)

describe("the target's arguments", function()
  it("follow from the settings", function()
    assert.same({}, target.arguments {})
    assert.same(
      { "--fault", "gap_id", "--fault", "cross_write", "--pool-timeout", "1500ms", "--reserve-rate", "0" },
      target.arguments { reserve_rate = 0, fault = { "gap_id", "cross_write" }, pool_timeout = 1.5 })
    assert.same({}, target.arguments { fault = false })
  end)
end)

describe("a sandbox", function()
  local box

  setup(function()
    box = scale.sandbox.start { projects = { "alpha", "beta" }, tasks = 50, reserve_rate = 0 }
  end)

  teardown(function()
    box:stop()
    box:stop()
  end)

  it("serves the projects, each with a key of its own", function()
    local answer = http.get(box.url .. "/tasks?project=alpha&limit=1000", {
      headers = { Authorization = "Bearer " .. box.keys.alpha },
    })
    assert.equal(200, answer.status)
    assert.equal(50, answer:json().count)
    assert.not_equal(box.keys.alpha, box.keys.beta)
    assert.equal(401, http.get(box.url .. "/tasks?project=alpha").status)
    assert.same(box.keys, json.decode(fs.read(box.keys_file)))
  end)

  it("has PostgreSQL on a socket and on a port", function()
    for _, dsn in ipairs { box.dsn, box.tcp_dsn } do
      local connection <close> = pg.connect(dsn)
      assert.equal(100, connection:value("SELECT count(*) FROM tasks"))
    end
    local connection <close> = pg.connect(box.dsn)
    local function setting(name)
      return connection:value("SELECT setting FROM pg_settings WHERE name = $1", name)
    end
    assert.equal("all", setting("log_statement"))
    assert.equal("on", setting("synchronous_commit"))
    assert.equal("off", setting("fsync"))
    assert.is_true(connection:value("SELECT count(*) FROM pg_stat_statements") > 0)
    -- The server's logger may be a moment behind.
    local deadline = time.now() + 10
    while not fs.read(box.log):find("SELECT count(*) FROM tasks", 1, true) and time.now() < deadline do
      time.sleep(0.01)
    end
    assert.is_truthy(fs.read(box.log):find("SELECT count(*) FROM tasks", 1, true))
    assert.matches("^%d+", box.versions.postgresql)
  end)

  it("asks for a password on PostgreSQL's port", function()
    local dsn = box.tcp_dsn:gsub(":%x+@", ":wrong@")
    assert.equal("28P01", failure(pg.connect, dsn).detail)
  end)

  it("has a Redis that asks for a password and keeps nothing", function()
    local cache <close> = redis.connect(box.redis_url)
    assert.equal("PONG", cache:ping())
    assert.same({ "save", "" }, cache:config("GET", "save"))
    local open = box.redis_url:gsub("//.*@", "//")
    assert.equal("NOAUTH", failure(redis.connect, open).detail)
  end)

  it("restarts the target when its settings differ, at the same URL", function()
    local url = box.url
    assert.is_false(box:configure { reserve_rate = 0 })
    assert.is_true(box:configure { fault = "gap_id" })
    assert.is_false(box:configure { reserve_rate = 0, fault = "gap_id" })
    assert.equal(url, box.url)
    assert.equal(200, http.get(url .. "/health").status)
    assert.matches("no_such_fault", failure(box.configure, box, { fault = "no_such_fault" }).message)
    assert.is_true(box:configure { fault = false })
    assert.equal(200, http.get(url .. "/health").status)
  end)

  it("takes other ports where somebody else was faster", function()
    local free_port = os_core.free_port
    local taken = math.tointeger(box.redis_url:match("%d+$"))
    local calls = 0
    os_core.free_port = function()
      calls = calls + 1
      return calls <= 2 and taken or free_port()
    end
    local ok, second = pcall(scale.sandbox.start, { tasks = 10 })
    os_core.free_port = free_port
    assert.is_true(ok, tostring(second))
    second:stop()
    assert.equal(4, calls) -- once more for Redis and for PostgreSQL
  end)

  it("keeps its folder to itself", function()
    assert.equal(0, fs.stat(box.folder).mode & 0x36) -- nobody else may read or write
    assert.equal(0x180, fs.stat(box.keys_file).mode)
    assert.equal(0x1c0, fs.stat(box.log_dir).mode)
  end)
end)

describe("what a sandbox says when it cannot start", function()
  local named, tmpdir = os.getenv("SCALERUN_TARGET"), os.getenv("TMPDIR")
  local executable = fs.executable

  after_each(function()
    os_core.setenv("SCALERUN_TARGET", named)
    os_core.setenv("TMPDIR", tmpdir)
    fs.executable = executable
  end)

  it("names a package for a missing program", function()
    fs.executable = function()
      return false
    end
    os_core.setenv("SCALERUN_TARGET", nil)
    assert.matches("initdb was not found.*apt%-get install postgresql", failure(programs.postgresql).message)
    assert.matches("apt%-get install redis%-server", failure(programs.redis).message)
    assert.matches("ninja scalerun%-target", failure(programs.target).message)
    os_core.setenv("SCALERUN_TARGET", "/no/such/target")
    assert.matches("SCALERUN_TARGET names '/no/such/target'", failure(programs.target).message)
  end)

  it("repeats what the target said, and leaves nothing", function()
    local folder = fs.mkdtemp()
    fs.chmod(folder, 0x1c9) -- PostgreSQL's user passes through
    fs.write(folder .. "/target", "#!/bin/sh\necho no luck today >&2\nexit 7\n", 0x1c0)
    os_core.setenv("SCALERUN_TARGET", folder .. "/target")
    os_core.setenv("TMPDIR", folder)
    local err = failure(scale.sandbox.start, { tasks = 10 })
    assert.equal("sandbox", err.kind)
    assert.matches("scalerun%-target ended with status 7 before it was ready:\n  no luck today", err.message)
    assert.same({ "target" }, fs.list(folder))
    fs.remove(folder)
  end)

  it("asks for a shorter TMPDIR where no unix socket fits", function()
    local folder = fs.mkdtemp()
    local long = folder .. "/" .. ("x"):rep(80)
    fs.mkdir(long)
    os_core.setenv("TMPDIR", long)
    assert.matches("set TMPDIR to a shorter one", failure(scale.sandbox.start).message)
    assert.same({}, fs.list(long))
    fs.remove(folder)
  end)

  it("repeats what the target says about its settings", function()
    local err = failure(scale.sandbox.start, { tasks = 10, fault = "no_such_fault" })
    assert.matches("no_such_fault", err.message)
  end)

  it("checks its options", function()
    assert.matches("unknown option 'reserve_rates' %(did you mean 'reserve_rate'%?%)",
      failure(scale.sandbox.start, { reserve_rates = 1 }))
    assert.matches("'Alpha' is no project id", failure(scale.sandbox.start, { projects = { "Alpha" } }))
    assert.matches("replicas must be from 1 to 20, not 0", failure(scale.sandbox.start, { replicas = 0 }))
  end)
end)

describe("nothing is left of a sandbox", function()
  local folder

  setup(function()
    folder = fs.mkdtemp()
  end)

  teardown(function()
    fs.remove(folder)
  end)

  it("after success", function()
    local child, pids, held = start_scalerun(folder, "io.read()")
    child:write("\n")
    assert.same({ status = 0 }, child:wait())
    expect_nothing_left(pids, held)
  end)

  it("after an error", function()
    local child, pids, held = start_scalerun(folder, "io.read() error('no')")
    child:write("\n")
    assert.same({ status = 3 }, child:wait())
    expect_nothing_left(pids, held)
  end)

  it("after an interrupt", function()
    local child, pids, held = start_scalerun(folder, "scale.time.sleep(1000)")
    child:kill("INT")
    assert.same({ status = 130 }, child:wait())
    expect_nothing_left(pids, held)
  end)

  it("after SIGKILL", function()
    local child, pids, held = start_scalerun(folder, "scale.time.sleep(1000)")
    child:kill("KILL")
    assert.same({ signal = "KILL" }, child:wait())
    expect_nothing_left(pids, held)
  end)

  it("after SIGKILL of the target, too", function()
    local box = scale.sandbox.start { tasks = 10 }
    local held, pids = box.folder, family(box.targets[1].process.pid)
    box.targets[1].process:kill("KILL")
    box:stop()
    expect_nothing_left(pids, held)
  end)
end)
