local cjson = require "cjson"
local console = require "scalerun.report.console"
local encode = require "scalerun.report.encode"
local progress = require "scalerun.report.progress"
local redact = require "scalerun.redact"
local report = require "scalerun.report.json"

local function result()
  return {
    id = "2026-11-23T12-00-00Z",
    started = "2026-11-23T12:00:00.000Z",
    duration = 1.5,
    version = "0.1.0",
    seed = 42,
    projects = { "alpha", "beta" },
    settings = {},
    target = { kind = "sandbox", url = "http://127.0.0.1:1" },
    verdict = "fail",
    text = "fail: S1",
    exit_status = 1,
    errors = {},
    scenarios = {
      {
        id = "S1",
        title = "Reservation",
        path = "s1.lua",
        covers = { "US-064" },
        verdict = "fail",
        duration = 0.4,
        phases = { { name = "burst", executor = "per-project-iterations", duration = 0.2, skew = 0.0001 } },
        checks = {
          { name = "ids are unique", verdict = "fail", observed = "49 different of 50", expected = "50 different",
            evidence = { { text = "US-007 2 times: alpha; beta", value = "US-007" } } },
          { name = "all succeed", verdict = "pass", observed = 50, expected = 50, evidence = {} },
        },
        errors = {},
        projects = { { id = "alpha", iterations = 10, failed = 0, ops = {
          ok = 10, failed = 0, count = 10,
          ["ids.reserve"] = { ok = 10, failed = 0, errors = {}, mean = 0.001, p50 = 0.001, p95 = 0.002, p99 = 0.002,
            max = 0.0021 },
        } } },
      },
    },
  }
end

local function plain(text)
  return text
end

describe("report.json", function()
  it("has what it promises", function()
    local decoded = cjson.decode(report.encode(result(), plain))
    assert.equal("scalerun.report/1", decoded.schema)
    assert.equal("2026-11-23T12-00-00Z", decoded.run.id)
    assert.equal("sandbox", decoded.target.kind)
    assert.equal("fail", decoded.verdict)
    assert.same({ total = 2, pass = 1, fail = 1, inconclusive = 0 }, decoded.summary.checks)
    assert.equal(1, decoded.summary.exit_status)
    local scenario = decoded.scenarios[1]
    assert.same({ "S1", "Reservation", "fail", 0.4 },
      { scenario.id, scenario.title, scenario.verdict, scenario.duration_s })
    assert.same({ name = "ids are unique", verdict = "fail", observed = "49 different of 50",
      expected = "50 different", evidence = { { text = "US-007 2 times: alpha; beta", value = "US-007" } } },
      scenario.checks[1])
    assert.equal(2, scenario.projects[1].ops["ids.reserve"].latency_ms.p95)
  end)

  it("names scripts by their path below the current folder", function()
    local given = result()
    given.scenarios[1].path = require("scalerun.fs").realpath(".") .. "/scripts/s1.lua"
    assert.equal("scripts/s1.lua", cjson.decode(report.encode(given, plain)).scenarios[1].script)
    given.scenarios[1].path = "/elsewhere/s1.lua"
    assert.equal("/elsewhere/s1.lua", cjson.decode(report.encode(given, plain)).scenarios[1].script)
  end)

  it("keeps empty lists lists and empty objects objects", function()
    local text = report.encode(result(), plain)
    assert.matches('"evidence": %[%]', text)
    assert.matches('"settings": {}', text)
    assert.matches('"errors": {}', text)
  end)

  it("is the same for the same result", function()
    assert.equal(report.encode(result(), plain), report.encode(result(), plain))
  end)

  it("has no secrets", function()
    local given = result()
    given.scenarios[1].checks[1].evidence[1].text = "sent Bearer key-of-alpha-123 to hunter22"
    given.settings = { admin_password = "swordfish", mode = "fast" }
    local secrets = redact.new()
    secrets:add { keys = { alpha = "key-of-alpha-123" }, dsns = { false, "postgresql://u:hunter22@h/db" } }
    local text = report.encode(given, function(whole)
      return secrets:scrub(whole)
    end)
    assert.is_nil(text:find("swordfish", 1, true))
    assert.matches('"mode": "fast"', text)
    assert.is_nil(text:find("key-of-alpha", 1, true))
    assert.is_nil(text:find("hunter22", 1, true))
    cjson.decode(text)
  end)
end)

describe("encode", function()
  it("writes what JSON readers read back", function()
    local value = { a = "quote \" slash \\ line\n tab\t bell\7 del\127 é", b = { 1, 2.5, true, false }, c = {} }
    assert.same({ a = value.a, b = value.b, c = {} }, cjson.decode(encode.pretty(value)))
  end)

  it("survives bytes that are no text, and numbers that are none", function()
    assert.same({ a = "?(?" }, cjson.decode(encode.pretty { a = "\255(\254" }))
    assert.equal("null\n", encode.pretty(0 / 0))
    assert.equal("null\n", encode.pretty(math.huge))
  end)

  it("orders keys as told, then by name", function()
    assert.equal('{\n  "z": 1,\n  "a": 2,\n  "b": 3\n}\n', encode.pretty({ a = 2, b = 3, z = 1 }, { "z" }))
  end)
end)

describe("redact", function()
  it("shows where a DSN leads, not who goes there", function()
    for dsn, expected in pairs {
      ["postgresql://user:pw@db.example:5432/tasks?sslmode=require"] = "db.example:5432/tasks",
      ["postgres://db.example/tasks"] = "db.example/tasks",
      ["redis://:pw@127.0.0.1:6379/0"] = "127.0.0.1:6379/0",
      ["host=/tmp/x port=5433 dbname=tasks user=u password=pw"] = "/tmp/x:5433/tasks",
      ["dbname='my tasks'"] = "local/my tasks",
    } do
      assert.equal(expected, redact.dsn(dsn))
    end
  end)

  it("takes passwords of every form out of texts", function()
    for _, dsn in ipairs { "postgresql://u:s3cret-x@h/d", "host=h password=s3cret-x", "host=h password='s3cret-x'",
      "postgresql://h/d?user=u&password=s3cret-x" } do
      local secrets = redact.new()
      secrets:add { dsns = { dsn } }
      assert.equal("the *** one", secrets:scrub("the s3cret-x one"))
    end
  end)
end)

describe("the table of results", function()
  local lines

  local function show(verbose)
    lines = {}
    return console.new {
      write = function(text)
        lines[#lines + 1] = text
      end,
      colour = false,
      verbose = verbose,
      title_width = 14,
    }
  end

  it("has a line for a scenario, and below it what did not hold", function()
    show():row(result().scenarios[1])
    assert.equal([[
 S1  Reservation    fail           0.4 s  ids are unique
     fail  ids are unique: observed 49 different of 50, expected 50 different
           US-007 2 times: alpha; beta
]], table.concat(lines))
  end)

  it("has every check when asked", function()
    show(true):row(result().scenarios[1])
    assert.matches("pass  all succeed: observed 50, expected 50", table.concat(lines))
  end)

  it("shows a mistake of the script once, with project, traceback and how often", function()
    local row = result().scenarios[1]
    row.checks = {}
    for index, project in ipairs { "alpha", "beta", "alpha" } do
      row.errors[index] = { project = project, iteration = index, message = "s1.lua:9: no luck",
        traceback = "stack traceback:\n\ts1.lua:9: in function" }
    end
    show():row(row)
    local text = table.concat(lines)
    assert.matches("error  project alpha, iteration 1: s1.lua:9: no luck", text)
    assert.matches("stack traceback:", text)
    assert.matches("3 times in all", text)
    assert.equal(1, select(2, text:gsub("no luck", "")))
  end)

  it("ends with the verdict", function()
    show():footer(result(), "reports/x/report.json")
    assert.equal("\nverdict fail · 1 scenario, 2 checks · 1.5 s · reports/x/report.json\n", table.concat(lines))
  end)
end)

describe("progress", function()
  local written, now

  local function new(options)
    written, now = {}, 0
    return progress.new {
      write = function(text)
        written[#written + 1] = text
      end,
      now = function()
        return now
      end,
      live = options.live,
      quiet = options.quiet,
      colour = options.colour,
      size = function()
        return options.width or 10, options.height
      end,
    }
  end

  it("overwrites its line on a terminal, cut to its width", function()
    local live = new { live = true }
    live:update("0123456789abc")
    live:log("stays")
    assert.equal("012345678\r\27[Jstays\n", table.concat(written))
  end)

  local view = {
    scenario = "S1", phase = "load", elapsed = 2, duration = 10,
    projects = { { id = "a", iterations = 1, failed = 1 }, { id = "b", iterations = 0, failed = 0 } },
  }

  it("draws a block in the place of the last, ten times a second at most", function()
    local live = new { live = true, height = 24 }
    live:show(view)
    live:show(view)
    assert.equal(1, #written)
    now = 0.1
    live:show(view)
    assert.equal(2, #written)
    assert.equal("S1  load \n  a  runn\n  b  wait", written[1])
    assert.equal("\r\27[2A\27[J" .. written[1], written[2])
    live:clear()
    live:clear()
    assert.equal("\r\27[2A\27[J", written[3])
    assert.equal(3, #written)
  end)

  it("paints failures where colours are wanted, and only there", function()
    local wide = { live = true, colour = true, width = 80 }
    new(wide):show(view)
    assert.matches("0.5/s +\27%[31m1 failed\27%[0m\n", written[1])
    wide.colour = false
    new(wide):show(view)
    assert.is_nil(written[1]:find("\27", 1, true))
  end)

  it("writes a line of it elsewhere", function()
    local dull = new {}
    now = 6
    dull:show(view)
    dull:show(view)
    assert.equal("S1  load: 1 iterations, 1 failed\n", table.concat(written))
  end)

  it("writes seldom elsewhere", function()
    local dull = new {}
    dull:update("one")
    now = 6
    dull:update("two")
    dull:update("three")
    assert.equal("two\n", table.concat(written))
  end)

  it("says nothing but problems when quiet", function()
    local quiet = new { live = true, quiet = true }
    quiet:update("one")
    quiet:log("two")
    quiet:problem("three")
    assert.equal("three\n", table.concat(written))
  end)
end)
