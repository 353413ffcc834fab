-- What a stored run keeps: plain data, and the answers of witnesses.
local errors = require "scalerun.errors"
local json = require "scalerun.json"
local metrics = require "scalerun.core.metrics"
local null = json.null
local pack = require "scalerun.stored.pack"
local replay = require "scalerun.stored.replay"
local tape = require "scalerun.stored.tape"

local function through_json(value)
  return json.decode(json.encode(value))
end

describe("packed data", function()
  local function same(value)
    local back = pack.unpack(through_json(pack.pack(value)))
    assert.same(value, back)
    return back
  end

  it("comes back as it was", function()
    same { text = "é\n\"", bytes = "\255\0\128", yes = true, no = false, list = { 1, "2", { 3 } }, empty = {} }
    same { [1] = "one", [3] = "three", name = "mixed" }
    same { ["$hex"] = "not ours", ["\255"] = 1 }
    same { [2.5] = "x", [true] = "y" }
    assert.equal(null, pack.unpack(through_json(pack.pack { a = null })).a)
    assert.equal("float", math.type(same { 2.0 }[1]))
    assert.equal("integer", math.type(same { 2 }[1]))
    assert.same({ math.huge, -math.huge, 0.1, 1e300, math.mininteger },
      pack.unpack(through_json(pack.pack { math.huge, -math.huge, 0.1, 1e300, math.mininteger })))
    local nan = pack.unpack(through_json(pack.pack { 0 / 0 }))[1]
    assert.is_true(nan ~= nan)
  end)

  it("has metrics with all their numbers", function()
    local measured = metrics.merge {}
    for index = 1, 1000 do
      measured:record("a", index / 1e4, index % 10 == 0 and "timeout" or nil)
    end
    measured:record("b", 7200)
    local back = pack.unpack(through_json(pack.pack({ m = measured }, pack.measured))).m
    assert.same({ "a", "b" }, back:series())
    for _, name in ipairs { "a", "b" } do
      assert.same(measured:get(name), back:get(name))
    end
    assert.equal(measured:percentile("a", 99.9), back:percentile("a", 99.9))
    local broken = through_json(pack.pack({ m = measured }, pack.measured))
    broken.m["$metrics"][1].max = 1
    assert.has_error(function()
      pack.unpack(broken)
    end)
  end)
end)

describe("a tape", function()
  local Connection = {}
  Connection.__index = Connection

  function Connection:query(sql)
    self.asked = (self.asked or 0) + 1
    if sql == "wrong" then
      error(errors.new { kind = "server", operation = "pg.query", message = "no such table", detail = "42P01" }, 0)
    end
    return { { sql = sql, number = self.asked } }, nil, "third"
  end

  function Connection:transaction(options, fn)
    fn(self)
    fn(self)
    return options.isolation
  end

  Connection.__close = function(self)
    self.closed = true
  end

  local function deployment()
    return setmetatable({ name = "d", opened = 0, connection = setmetatable({}, Connection) }, {
      __index = {
        database = function(self)
          return self.connection
        end,
        look = function()
          return setmetatable({ requests = 5, list = { 1, 2 } }, {
            __index = {
              sum = function(self, times)
                return self.requests * times
              end,
            },
          })
        end,
        nothing = function() end,
      },
    })
  end

  -- What a script does with it, the same both times.
  local function script(root)
    local seen = {}
    local database = root:database()
    assert(database == root:database(), "one object, one value")
    seen.rows, seen.none, seen.third = database:query "SELECT 1"
    seen.again = database:query("SELECT 1")[1].number
    local ok, err = pcall(database.query, database, "wrong")
    seen.failure = { ok, err.kind, err.detail, tostring(err) }
    seen.isolation = database:transaction({ isolation = "serializable" }, function(tx)
      seen[#seen + 1] = tx:query("INSERT")[1].number
    end)
    local look = root:look()
    seen.look = { look.requests, #look.list, look:sum(3), look:sum(4) }
    seen.name = root.name
    seen.nothing = root:nothing() == nil
    do
      local closing <close> = database
      seen.closed = closing ~= nil
    end
    return seen
  end

  local recorded, expected, real

  before_each(function()
    recorded, real = tape.new(), deployment()
    recorded.step = "verify"
    expected = script(recorded:wrap(real))
  end)

  local function played()
    local again = replay.new(through_json(recorded.entries))
    again.step = "verify"
    return again
  end

  it("passes on what the objects answer", function()
    assert.same({ { sql = "SELECT 1", number = 1 } }, expected.rows)
    assert.same({ 2, "serializable", "third", "d", true },
      { expected.again, expected.isolation, expected.third, expected.name, expected.nothing })
    assert.same({ 5, 2, 15, 20 }, expected.look)
    assert.is_true(real.connection.closed)
  end)

  it("plays the same again, without the objects", function()
    assert.same(expected, script(played():root()))
  end)

  it("says what is not on it", function()
    local again = played()
    local database = again:root():database()
    for _, ask in ipairs {
      function() database:query "SELECT 2" end,
      function()
        for _ = 1, 3 do
          database:query "SELECT 1"
        end
      end,
      function()
        again.step = "setup"
        database:query "SELECT 1"
      end,
    } do
      local ok, err = pcall(ask)
      assert.is_false(ok)
      assert.equal("tape", err.kind)
      assert.matches("run:database%(%):query: the stored run has no answer to this: %[\"SELECT %d\"%]", tostring(err))
    end
  end)
end)
