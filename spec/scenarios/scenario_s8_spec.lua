-- S8 against the reference target: it passes, and finds what it is meant to find by the checks that are meant to.
local acceptance = require "spec.support.acceptance"
local pg = require "scalerun.pg"
local redis = require "scalerun.redis"
local sandbox = require "scalerun.sandbox"

local SCRIPT = "scripts/scenarios/s8_stateless_servers.lua"
local AT_ONCE, ARTIFACTS_AT_ONCE = "changes of tasks are seen on every replica at once",
  "artifacts are seen on every replica at once"
local OUTLIVE, ARTIFACTS_OUTLIVE = "tasks outlive all replicas", "artifacts outlive all replicas"
local NEXT = "the tool and the API name the same next task"
local FOREIGN, KEYS = "no task of another project is read", "no project's data is under another's keys"
local SHARED = "connections went from project to project"

local function run(...)
  return acceptance.run(SCRIPT, "--profile", "quick", ...)
end

describe("S8", function()
  it("passes on the reference target", function()
    local found = run()
    assert.equal(0, found.outcome.status, acceptance.text(found))
    assert.matches("^60 changes seen on 3 replicas, also after all were killed; 0 wrong in 10 keys", found.row.summary)
  end)

  it("passes with two projects, and with one decides what one can show", function()
    local found = run("--projects", "2", "--replicas", "2")
    assert.equal(0, found.outcome.status, acceptance.text(found))
    found = run("--projects", "1")
    assert.same({ SHARED }, found.undecided, acceptance.text(found))
  end)

  -- The checks that must fail, and what the evidence of the first one says.
  local faults = {
    sticky_state = { { ARTIFACTS_AT_ONCE, ARTIFACTS_OUTLIVE },
      "stored SPIKE%-%d+ through replica [abc]; replica [abc] says: " },
    stale_read = { { AT_ONCE }, "moved S8%-%x+%-%d%-[12] to %a+[_%a]* through replica [abc]; replica [abc] says: not" },
    lost_ack = { { OUTLIVE, "the database has all that was acknowledged" },
      "moved S8%-%x+%-last%-[12] to %a+[_%a]* through replica [abc]; replica [abc] says: " },
    queue_shared = { { KEYS, NEXT, FOREIGN }, "^queue:shared holds data of several projects" },
    queue_foreign = { { KEYS }, "queue:alpha, a key of alpha, holds [%w-]+waiting%-first of beta" },
    connection_context_bleed = { { FOREIGN }, "[%w-]+ was sent TASK%-%d+ of [%w-]+ by replica [abc]" },
    duplicate_id = { { "no id is given out again" }, "SPIKE%-%d+ was given out twice" },
  }
  for fault, expected in pairs(faults) do
    it("finds " .. fault, function()
      local found = acceptance.finds(SCRIPT, fault, table.unpack(expected[1]))
      assert.matches(expected[2], acceptance.evidence(found, expected[1][1]))
      assert.same({}, found.undecided)
    end)
  end

  describe("on a deployment", function()
    local function words(box, ...)
      local urls = {}
      for index, one in ipairs(box.replicas) do
        urls[index] = one.url
      end
      return "--target", box.url, "--keys", box.keys_file, "--replica-urls", table.concat(urls, ","), ...
    end

    it("says what it cannot decide, and decides the rest", function()
      local box <close> = sandbox.start { replicas = 2, tasks = 20, pool_size = 2, max_overflow = 0 }
      local found = run(words(box, "--database", box.dsn, "--redis", box.redis_url))
      assert.same({ ARTIFACTS_OUTLIVE, OUTLIVE }, found.undecided, acceptance.text(found))
      assert.same({}, found.failed)
      local connection <close> = pg.connect(box.dsn)
      assert.equal(0, #connection:query("SELECT FROM tasks WHERE task_id LIKE 'S8-%'"))
      found = run(words(box))
      assert.equal(2, found.outcome.status, acceptance.text(found))
      assert.same({}, found.failed)
      assert.matches("give %-%-redis URL", found.checks[KEYS].observed)
      assert.matches("give %-%-database DSN", found.checks[SHARED].observed)
      assert.equal("pass", found.checks[AT_ONCE].verdict)
    end)

    it("finds a project's data in whatever key of another's", function()
      local box <close> = sandbox.start { replicas = 2, tasks = 20, pool_size = 2, max_overflow = 0 }
      local cache <close> = redis.connect(box.redis_url)
      local connection <close> = pg.connect(box.dsn)
      local task = connection:query("SELECT task_id FROM tasks WHERE project_id = 'beta' LIMIT 1")[1].task_id
      for key, command in pairs {
        ["seen:alpha"] = { "SADD", task }, ["last:alpha:task"] = { "SET", task }, ["alpha"] = { "RPUSH", "x", task },
        ["h:alpha"] = { "HSET", "next", task },
      } do
        cache:call(command[1], key, table.unpack(command, 2))
      end
      cache:call("SADD", "everything", task, "x")
      local found = run(words(box, "--database", box.dsn, "--redis", box.redis_url))
      assert.same({ KEYS }, found.failed, acceptance.text(found))
      assert.matches("^4 wrong in", found.checks[KEYS].observed)
      assert.matches(("h:alpha, a key of alpha, holds %s of beta"):format(task:gsub("%-", "%%-")),
        acceptance.evidence(found, KEYS))
      found = run(words(box, "--redis", box.redis_url, "--set", "cache_keys=queue:*"))
      assert.equal("pass", found.checks[KEYS].verdict, acceptance.text(found))
    end)
  end)
end)
