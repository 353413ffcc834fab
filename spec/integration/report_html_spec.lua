-- The HTML report in a real browser: Chromium, driven by playwright-core (spec/peers).
local command = require "spec.support.command"
local fs = require "scalerun.fs"
local html = require "scalerun.report.html"
local json = require "scalerun.json"
local peers = require "spec.support.peers"
local process = require "scalerun.process"
local report = require "scalerun.report.json"
local sample = require "spec.support.sample_result"

local WAYS = { "light", "dark", "phone", "print" }

local function page_of(result)
  return html.make(assert(report.decode(report.encode(result, function(text)
    return text
  end))))
end

-- What Chromium sees of each page.
local function look_at(...)
  local folder, words = command.folder(), { peers.path "node_modules/.bin/node", "check_html.mjs" }
  for index, page in ipairs { ... } do
    words[#words + 1] = command.file(folder, index .. ".html", page)
  end
  words.cwd, words.timeout = peers.path "", 120
  local ended = process.run(words)
  assert.equal(0, ended.status, ended.stderr)
  local seen = {}
  for line in ended.stdout:gmatch("[^\n]+") do
    seen[#seen + 1] = json.decode(line)
  end
  return seen
end

describe("report.html in Chromium", function()
  local whole, hostile, pages

  lazy_setup(function()
    pages = { page_of(sample.result()), page_of(sample.hostile()) }
    whole, hostile = table.unpack(look_at(pages[1], pages[2]))
  end)

  it("says nothing on the console and asks for nothing", function()
    for _, way in ipairs(WAYS) do
      assert.same({}, whole[way].problems)
      assert.same({}, whole[way].requests)
      assert.same({}, whole[way].elements)
    end
  end)

  it("has every chart, each with marks that are named, with drawable numbers and a table", function()
    for _, way in ipairs(WAYS) do
      local kinds = {}
      for _, chart in ipairs(whole[way].charts) do
        kinds[chart.kind] = (kinds[chart.kind] or 0) + 1
        assert.is_true(chart.marks > 0, chart.kind)
        assert.is_true(chart.rows > 0, chart.kind)
        assert.equal(0, chart.unnamed, chart.kind)
        assert.is_false(chart.broken, chart.kind)
      end
      for _, kind in ipairs { "percentiles", "histogram", "timeline", "matrix", "pool", "cache", "requests", "shares",
        "comparison" } do
        assert.is_true((kinds[kind] or 0) > 0, kind)
      end
    end
  end)

  it("gives its numbers to the keyboard and to the pointer", function()
    for _, way in ipairs { "light", "dark", "phone" } do
      local touched = whole[way].touched
      assert.same({ touched.labels[1], touched.labels[2], true, true },
        { touched.focused, touched.next, touched.hidden, touched.hovered })
    end
  end)

  it("fits a phone, follows the colours that are preferred, and opens itself for paper", function()
    assert.is_false(whole.phone.tooWide)
    assert.is_false(whole.light.tooWide)
    assert.is_true(whole.light.background ~= whole.dark.background)
    assert.is_true(whole.light.open < whole.light.details)
    assert.equal(whole.print.details, whole.print.open)
    assert.equal(0, whole.print.cut)
  end)

  it("makes nothing of what scripts chose but text", function()
    for _, way in ipairs(WAYS) do
      local seen = hostile[way]
      assert.same({}, seen.problems)
      assert.same({}, seen.requests)
      assert.same({}, seen.elements)
      assert.equal(1, seen.scripts)
      assert.equal(0, seen.handlers)
      assert.is_false(seen.tooWide)
      assert.matches("<img src=x onerror=alert(1)>", seen.title, 1, true)
    end
  end)

  it("is as sound for the real run in reports/sample", function()
    local real = look_at(fs.read "reports/sample/report.html")[1]
    assert.equal(0, real.print.cut)
    for _, way in ipairs(WAYS) do
      assert.same({ {}, {} }, { real[way].problems, real[way].requests })
      assert.is_false(real[way].tooWide, way)
      assert.is_true(#real[way].charts > 20, way)
      for _, chart in ipairs(real[way].charts) do
        assert.same({ true, 0, false }, { chart.marks > 0, chart.unnamed, chart.broken }, chart.kind)
      end
    end
  end)

  it("stays below a megabyte", function()
    assert.is_true(#pages[1] < 1000000, tostring(#pages[1]))
  end)
end)
