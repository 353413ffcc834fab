local context = require "scalerun.run.context"
local judge = require "scalerun.judge"
local project = require "scalerun.project"

describe("a project", function()
  local sink, me

  before_each(function()
    sink = project.sink()
    me = project.new({ id = "alpha", index = 2, key = "k" }, { projects = { "beta", "alpha" }, settings = { x = "1" } },
      sink)
    me.iteration = 3
  end)

  it("knows who it is and what the run is given", function()
    assert.same({ "alpha", 2, "beta", "1" }, { me.id, me.index, me.projects[1], me.settings.x })
    assert.is_nil(me.data)
  end)

  it("records values with their iteration", function()
    me:record("id", "US-001")
    me.iteration = 4
    me:record("id", "US-002")
    me:record("other", false)
    assert.same({
      id = { { value = "US-001", iteration = 3 }, { value = "US-002", iteration = 4 } },
      other = { { value = false, iteration = 4 } },
    }, sink.records)
  end)

  it("records tables as they are now", function()
    local value = { a = { 1 } }
    me:record("t", value)
    value.a[1] = 2
    assert.same({ a = { 1 } }, sink.records.t[1].value)
  end)

  it("records nothing that cannot leave the project", function()
    local wrong = {
      { "f", print, "function" },
      { "t", { f = print }, "t.f is a function" },
      { "ops", 1, "'ops' is a name of verify's own" },
      { "x", nil, "there is no value" },
      { "", 1, "name must be a string" },
    }
    for _, case in ipairs(wrong) do
      local ok, message = pcall(function()
        me:record(case[1], case[2])
      end)
      assert.is_false(ok)
      assert.matches(case[3], message)
    end
    assert.same({}, sink.records)
  end)

  it("names the nearest field", function()
    local ok, message = pcall(function()
      return me.htpp
    end)
    assert.is_false(ok)
    assert.matches("project_spec.lua:%d+: project has no field 'htpp' %(did you mean 'http'%?%)", message)
  end)

  it("says which option would give it what it lacks", function()
    for field, option in pairs { http = "--target", mcp = "--target", db = "--database", redis = "--redis" } do
      local ok, err = pcall(function()
        return me[field]
      end)
      assert.is_false(ok)
      assert.equal("missing", err.kind)
      assert.is_truthy(err.message:find(option, 1, true))
    end
  end)
end)

describe("a project at one replica", function()
  local sink, me

  before_each(function()
    sink = project.sink()
    me = project.new({ id = "alpha", index = 1, key = "k" }, {
      projects = { "alpha" }, settings = {}, profile = "quick",
      target = { url = "http://all" },
      replicas = { { name = "a", url = "http://a" }, { name = "b", url = "http://b" } },
    }, sink)
    me.iteration = 1
  end)

  it("has clients of its own, and is the same otherwise", function()
    local there = me:at("b")
    assert.equal("http://b", there.shared.target.url)
    assert.equal("http://x:1", me:at("http://x:1").shared.target.url)
    assert.not_equal(me.http, there.http)
    assert.equal(me:at("b").http, there.http)
    assert.same({ "alpha", "quick", 1 }, { there.id, there.profile, there.iteration })
    me.iteration = 2
    there:record("id", 7)
    assert.same({ { value = 7, iteration = 2 } }, sink.records.id)
    there:on_answer(print)
    assert.equal(print, me.observer)
    assert.equal("k", there.key)
    assert.is_nil(there.data)
  end)

  it("must be known", function()
    local ok, err = pcall(me.at, me, "c")
    assert.is_false(ok)
    assert.equal("project.at: there is no replica 'c': there are a, b", tostring(err))
    me.shared.replicas = nil
    ok, err = pcall(me.at, me, "a")
    assert.is_false(ok)
    assert.same({ "missing", "this run knows no replicas: give --replica-urls URL,URL" }, { err.kind, err.message })
  end)
end)

describe("a run", function()
  local run, row, asked

  before_each(function()
    row, asked = {}, judge.new()
    run = context.new {
      deployment = {
        has = function(_, what)
          return what == "target"
        end,
        target = function()
          return "the target"
        end,
        database = function() end,
        cache = function() end,
        remedy = function(_, what)
          return "give --" .. what
        end,
      },
      judge = asked,
      row = row,
      progress = {},
      projects = { "alpha" },
      settings = {},
      seed = 42,
    }
  end)

  it("has what its deployment has", function()
    assert.equal("the target", run.target)
    assert.is_true(run:has("target"))
    assert.is_false(run:has("database"))
    assert.is_false(run.sandbox)
  end)

  it("says which option would give it what it lacks", function()
    local ok, err = pcall(function()
      return run.database
    end)
    assert.is_false(ok)
    assert.equal("run.database: this run has none: give --database DSN", tostring(err))
  end)

  it("names the nearest field", function()
    local ok, message = pcall(function()
      return run.databse
    end)
    assert.is_false(ok)
    assert.matches("project_spec.lua:%d+: run has no field 'databse' %(did you mean 'database'%?%)", message)
  end)

  it("knows the line of an expectation that was not finished", function()
    run:expect("open")
    assert.matches("^spec/unit/project_spec.lua:%d+: ", asked:unfinished()[1])
  end)

  it("leaves undecided what it cannot see, and says what would decide it", function()
    assert.is_false(run:undecided("health", "target"))
    assert.is_true(run:undecided("shares", "target", "balancer"))
    assert.same({ { name = "shares", verdict = "inconclusive", observed = "this run has no balancer: give --balancer",
      evidence = {} } }, asked.checks)
    local ok, message = pcall(run.undecided, run, "shares", "balancers")
    assert.is_false(ok)
    assert.matches("run:undecided does not know balancers; it knows target, database", message)
  end)

  it("kills only what scalerun started", function()
    for _, fn in ipairs { run.kill_replica, run.start_replica, run.restart_target } do
      local ok, err = pcall(fn, run, "a")
      assert.is_false(ok)
      assert.same({ "missing", "scalerun ends and starts only what it has started: give --sandbox" },
        { err.kind, err.message })
    end
  end)

  it("keeps its summary", function()
    run:summarize("%d of %d", 1, 2)
    assert.equal("1 of 2", row.summary)
  end)
end)
