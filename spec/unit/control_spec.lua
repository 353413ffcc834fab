-- Waits, so that it runs inside scalerun only.
local control = require "scalerun.run.control"
local metrics = require "scalerun.metrics"
local task = require "scalerun.task"
local time = require "scalerun.time"

describe("a run's control", function()
  local steering

  before_each(function()
    steering = control.new()
  end)

  it("returns what the step returned", function()
    assert.same({ "done", 3 }, { steering:call(10, function(a, b)
      time.sleep("1ms")
      return a + b
    end, 1, 2) })
  end)

  it("returns what the step raised", function()
    local outcome, err = steering:call(10, function()
      error({ message = "no luck" })
    end)
    assert.equal("failed", outcome)
    assert.equal("no luck", err.message)
  end)

  it("ends a step that takes too long, and lets it clean up", function()
    local cleaned = false
    local outcome = steering:call(0.01, function()
      local _ <close> = setmetatable({}, {
        __close = function()
          time.sleep("1ms")
          cleaned = true
        end,
      })
      time.sleep(3600)
    end)
    assert.equal("timeout", outcome)
    assert.is_true(cleaned)
  end)

  it("ends a step at an interrupt, and begins no other", function()
    task.spawn(function()
      time.sleep("5ms")
      steering:interrupt(2)
    end)
    assert.equal("interrupted", (steering:call(3600, time.sleep, 3600)))
    assert.equal(2, steering.interrupted)
    assert.equal("interrupted", (steering:call(10, error, "not called")))
  end)

  it("cleans up even after an interrupt", function()
    steering:interrupt(15)
    assert.same({ "done", "swept" }, { control.clean_up(10, function()
      return "swept"
    end) })
  end)

  it("leaves no task behind", function()
    local before = task.count()
    steering:call(3600, time.sleep, 0)
    steering:call(0.001, time.sleep, 3600)
    assert.equal(before, task.count())
  end)
end)

describe("metrics", function()
  it("count what a script measures", function()
    assert.equal(3, metrics.measure("spec.sum", function(a, b)
      return a + b
    end, 1, 2))
    assert.has_error(function()
      metrics.measure("spec.sum", function()
        error({ kind = "timeout" })
      end)
    end)
    metrics.record("spec.sum", "2ms")
    local series = metrics.get("spec.sum")
    assert.same({ 2, 1, { timeout = 1 } }, { series.ok, series.failed, series.errors })
    assert.is_number(metrics.percentile("spec.sum", 50))
    assert.is_nil(metrics.get("spec.other"))
  end)
end)

describe("tasks", function()
  it("hand over results and errors", function()
    assert.equal(2, task.spawn(function(a)
      time.sleep(0)
      return a + 1
    end, 1):join())
    local failing = task.spawn(error, "no luck")
    local ok, err = failing:wait()
    assert.is_false(ok)
    assert.matches("no luck", tostring(err))
  end)

  it("run side by side, and all of them end", function()
    local ended = 0
    local ok = pcall(task.all, {
      function()
        error("first")
      end,
      function()
        time.sleep("5ms")
        ended = ended + 1
      end,
    })
    assert.is_false(ok)
    assert.equal(1, ended)
    assert.same({ 1, 2 }, task.all {
      function()
        return 1
      end,
      function()
        return 2
      end,
    })
  end)
end)
