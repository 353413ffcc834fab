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

  it("keeps its summary", function()
    run:summarize("%d of %d", 1, 2)
    assert.equal("1 of 2", row.summary)
  end)
end)
