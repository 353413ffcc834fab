local scale = require "scalerun"
local redis, task, fs, process = scale.redis, scale.task, scale.fs, scale.process

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

describe("redis", function()
  local folder, server, url, cache

  setup(function()
    folder = fs.mkdtemp("scalerun-redis-")
    url = "unix://" .. folder .. "/socket"
    server = process.spawn { "redis-server", "--port", 0, "--unixsocket", folder .. "/socket", "--save", "", "--dir",
      folder, stdout = "pipe" }
    for line in server:lines() do
      if line:find("eady to accept connections") then
        break
      end
    end
  end)

  teardown(function()
    server:stop()
    fs.remove(folder)
  end)

  before_each(function()
    cache = redis.connect(url)
    cache:flushall()
  end)

  after_each(function()
    cache:close()
  end)

  it("gives Redis's types back as Lua's", function()
    assert.equal("OK", cache:call("SET", "a", 1))
    assert.equal("1", cache:call("GET", "a"))
    assert.equal(2, cache:incr("a"))
    assert.equal("integer", math.type(cache:incr("a")))
    assert.is_nil(cache:get("none"))
    assert.equal("\0\r\n\xff", cache:echo("\0\r\n\xff"))
    assert.same({ 1, { "two", { 3 } }, {} }, cache:eval("return{1,{'two',{3}},{}}", 0))
  end)

  it("has scale.null inside lists, where nil would end them", function()
    cache:set("a", 1)
    assert.same({ "1", scale.null, "1" }, cache:mget("a", "none", "a"))
    assert.is_nil(cache:call_within("5s", "BLPOP", "none", 0.01))
  end)

  it("takes any command as a method", function()
    assert.equal(2, cache:hset("h", "x", 1, "y", 2.5))
    assert.same({ "x", "1", "y", "2.5" }, cache:hgetall("h"))
    assert.equal("hash", cache:type("h"))
    assert.equal("1", cache:echo(1.0))
  end)

  it("raises error replies", function()
    cache:lpush("list", "x")
    local err = failure(cache.incr, cache, "list")
    assert.equal("server", err.kind)
    assert.equal("WRONGTYPE", err.detail)
    assert.equal("redis.call: WRONGTYPE Operation against a key holding the wrong kind of value", tostring(err))
  end)

  it("sends many commands at once", function()
    cache:lpush("list", "x")
    local replies = cache:pipeline { { "SET", "a", 1 }, { "INCR", "a" }, { "INCR", "list" }, { "GET", "none" } }
    assert.equal(4, #replies)
    assert.equal("OK", replies[1])
    assert.equal(2, replies[2])
    assert.equal("WRONGTYPE", replies[3].detail)
    assert.equal(scale.null, replies[4])
    assert.same({}, cache:pipeline {})
  end)

  it("keeps the replies of many tasks apart", function()
    local functions = {}
    for i = 1, 500 do
      functions[i] = function()
        for round = 1, 10 do
          local text = i .. ":" .. round
          if cache:echo(text) ~= text then
            error("wrong reply")
          end
        end
        return i
      end
    end
    assert.equal(500, #task.all(functions))
  end)

  it("stays in order after a deadline", function()
    local err = failure(cache.call_within, cache, "5ms", "BLPOP", "none", 0.05)
    assert.equal("timeout", err.kind)
    assert.equal("next", cache:echo("next"))
  end)

  it("counts and times commands in the metrics", function()
    local named = redis.connect(url, { name = "cache" })
    named:set("a", "x")
    pcall(named.incr, named, "a")
    local series = require("scalerun.core.metrics").current():get("cache")
    assert.equal(1, series.ok)
    assert.same({ ERR = 1 }, series.errors)
    assert.is_true(series.max > 0)
    named:close()
  end)

  it("refuses arguments that Redis has no word for", function()
    assert.matches("argument 2 is a boolean", tostring(failure(cache.set, cache, "a", true)))
    assert.matches("argument 2 is a nil", tostring(failure(cache.set, cache, "a", nil)))
    assert.matches("argument 1 is a null", tostring(failure(cache.get, cache, scale.null)))
    assert.matches("argument 1 is a table", tostring(failure(cache.pipeline, cache, { { "GET", {} } })))
    assert.matches("command 2 is a string", tostring(failure(cache.pipeline, cache, { { "PING" }, "GET" })))
    assert.matches("command 1 has 0 words", tostring(failure(cache.pipeline, cache, { {} })))
    assert.equal("unsupported", failure(cache.subscribe, cache, "x").kind)
    assert.equal("PONG", cache:ping())
  end)

  it("fails clearly when closed", function()
    cache:close()
    assert.is_false(cache:is_open())
    assert.matches("is closed", tostring(failure(cache.ping, cache)))
    cache:close()
  end)

  it("fails what is under way when it is closed", function()
    local waiting = task.spawn(function()
      return cache:call_within("20s", "BLPOP", "none", 10)
    end)
    cache:ping()
    cache:close()
    local ok, err = waiting:wait()
    assert.is_false(ok)
    assert.equal("closed", err.kind)
  end)

  it("selects the database of the URL", function()
    local third <close> = redis.connect(url .. "?db=3")
    third:set("a", "three")
    assert.is_nil(cache:get("a"))
    cache:select(3)
    assert.equal("three", cache:get("a"))
    local same <close> = redis.connect { unix = folder .. "/socket", database = 3 }
    assert.equal("three", same:get("a"))
  end)

  it("explains why it cannot connect", function()
    local refused = tostring(failure(redis.connect, "redis://127.0.0.1:1"))
    assert.matches("cannot connect to 127.0.0.1:1: Connection refused", refused)
    assert.matches("not a Redis URL", tostring(failure(redis.connect, "http://127.0.0.1")))
    assert.matches("neither a URL", tostring(failure(redis.connect, {})))
    assert.matches("'pasword' %(did you mean 'password'%?%)", tostring(failure(redis.connect, url, { pasword = "x" })))
    assert.matches("takes a URL or a table", tostring(failure(redis.connect, 1)))
  end)
end)
