-- What report.html says, as text; how it looks is for the browser (spec/integration/report_html_spec.lua).
local html = require "scalerun.report.html"
local report = require "scalerun.report.json"
local sample = require "spec.support.sample_result"
local text = require "scalerun.report.html.text"

local function page_of(change)
  local result = sample.result()
  change(result)
  return html.make(assert(report.decode(report.encode(result, function(one)
    return one
  end))))
end

local function passed(result)
  result.verdict, result.text, result.exit_status = "pass", "pass", 0
  for _, row in ipairs(result.scenarios) do
    row.verdict = "pass"
    for _, check in ipairs(row.checks) do
      check.verdict = "pass"
    end
  end
end

describe("the first screen", function()
  it("says that everything held, also where the generator was at its limit", function()
    local page = page_of(passed)
    assert.matches("Everything held</h2><p>All %d+ checks passed%.</p>", page)
    assert.matches('The load generator was at its limit</h3><ul><li><a href="#scenario%-4"[^>]*>S4</a>, the longest',
      page)
    assert.matches("a check of a time is inconclusive%. What does not depend on time is judged", page)
    assert.is_nil(page:find("What did not hold", 1, true))
  end)

  it("says what did not hold", function()
    local page = page_of(function() end)
    assert.matches("What did not hold, and why</h2>", page)
    assert.is_nil(page:find("Everything held", 1, true))
  end)
end)

describe("a scenario", function()
  it("has the turns of a comparison as one phase", function()
    local page = page_of(function(result)
      local turns = { { name = "warm", executor = "shared-iterations", duration = 1, skew = 0 } }
      for round = 1, 3 do
        for _, arm in ipairs { "solo", "all" } do
          turns[#turns + 1] = { name = "walk", executor = "per-project-iterations", duration = 2, skew = 0, arm = arm,
            round = round }
        end
      end
      result.scenarios[4].phases = turns
    end)
    assert.matches("<span>warm: shared-iterations, 1.0 s</span><span>walk, solo and all in turn, 3 rounds: "
      .. "per-project-iterations, 12.0 s</span>", page, 1, true)
  end)
end)

describe("a number with its unit", function()
  it("has the sign of a change where there is one", function()
    assert.same({ "+9.6\u{a0}%", "−0.4\u{a0}%", "±0.0\u{a0}%" },
      { text.change(9.6), text.change(-0.44), text.change(-0.04) })
  end)

  it("is round where a chart's ticks are", function()
    assert.same({ "0 B", "500 kB", "1 MB", "2.5 MB", "3 GB" }, { text.value(0, "bytes"), text.value(500000, "bytes"),
      text.value(1000000, "bytes"), text.value(2500000, "bytes"), text.value(3000000000, "bytes") })
  end)
end)
