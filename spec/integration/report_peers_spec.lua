-- report.json as other people's programs read it: a JSON Schema validator and HdrHistogram's library for JavaScript.
local build = require "scalerun.core.build"
local command = require "spec.support.command"
local fs = require "scalerun.fs"
local hist = require "scalerun.core.hist"
local json = require "scalerun.json"
local peers = require "spec.support.peers"
local process = require "scalerun.process"
local report = require "scalerun.report.json"
local sample = require "spec.support.sample_result"

local SCHEMA = fs.realpath(peers.path "../../schema/report-1.json")

local function plain(text)
  return text
end

-- What a program of spec/peers prints: one JSON value a line.
local function ask(...)
  local words = { peers.path "node_modules/.bin/node", cwd = peers.path "", ... }
  local ended = process.run(words)
  assert.equal(0, ended.status, ended.stderr)
  local values = {}
  for line in ended.stdout:gmatch("[^\n]+") do
    values[#values + 1] = json.decode(line)
  end
  return values
end

local function problems_of(...)
  local folder, words = command.folder(), { "validate_report.mjs", SCHEMA }
  for index, text in ipairs { ... } do
    words[#words + 1] = command.file(folder, index .. ".json", text)
  end
  return ask(table.unpack(words))
end

describe("report.json", function()
  it("is what its schema says, whatever scripts put into it", function()
    local found = problems_of(report.encode(sample.result(), plain), report.encode(sample.hostile(), plain))
    assert.same({ {}, {} }, found)
  end)

  it("is what its schema says after a real run, which shows no secret", function()
    local folder = command.folder()
    local script = command.file(folder, "s.lua", [[
      local scale = require "scalerun"
      return scale.scenario {
        id = "X1", title = "X", load = { executor = "per-project-iterations", iterations = 3 },
        iteration = function(project) project:record("n", 1) end,
        verify = function(run, seen) run:expect("n"):count(#seen.n):equals(1) end,
      }]])
    local failed = command.run { "--projects", "alpha,beta", "--redis", "redis://u:sesame-open@127.0.0.1:1/0",
      "--set", "token=hush-hush", script }
    assert.equal(4, failed.status)
    assert.same({ {} }, problems_of(failed.report_text))
    assert.same({ "scalerun", "--projects", "alpha,beta", "--redis", "127.0.0.1:1/0", "--set", "token=***", script,
      "--report" }, table.move(failed.report.run.command, 1, 9, 1, {}))
    assert.is_nil(failed.report_text:find("sesame", 1, true) or failed.report_text:find("hush", 1, true))
    assert.equal(build.version, failed.report.run.version)
    assert.equal(build.libuv, failed.report.run.versions.libuv)
    assert.is_true(failed.report.run.machine.cpus >= 1)
  end)

  local spoilt = {
    ["an unknown key"] = { '"seed": 42', '"seed": 42, "sead": 1' },
    ["a key left out"] = { '"exit_status": 1,', "" },
    ["another version"] = { "scalerun.report/1", "scalerun.report/2" },
    ["a verdict of another kind"] = { '"verdict": "fail"', '"verdict": "failed"' },
    ["a duration below zero"] = { '"duration_s": 4.4', '"duration_s": -4.4' },
    ["a histogram of another coding"] = { '"histogram": "HISTF', '"histogram": "GISTF' },
  }
  for what, change in pairs(spoilt) do
    it("is refused by its schema with " .. what, function()
      local text, times = report.encode(sample.result(), plain):gsub(change[1], change[2])
      assert.is_true(times > 0)
      assert.is_true(#problems_of(text)[1] > 0)
    end)
  end
end)

describe("a stored histogram", function()
  it("is the same to HdrHistogram's own library", function()
    local texts, mine = {}, {}
    for index, values in ipairs { { 1, 1.0001 }, { 1000, 1.02 }, { 20000, 1.0005 }, { 1, 1 } } do
      local made, value = hist.new(), 0.000001
      for _ = 1, values[1] do
        made:record(math.min(value, 3600), index)
        value = value * values[2]
      end
      texts[index], mine[index] = made:encode(), made
    end
    texts[#texts + 1], mine[#mine + 1] = hist.new():encode(), hist.new()
    local read = ask("read_histogram.mjs", table.unpack(texts))
    for index, theirs in ipairs(read) do
      local counts, cells = {}, mine[index]:cells()
      for at = 1, #cells, 3 do
        counts[("%d"):format(math.floor(cells[at] * 1e9 + 0.5))] = cells[at + 2]
      end
      assert.same(counts, theirs.counts)
      assert.equal(mine[index]:count(), theirs.total)
      local decoded = hist.new():add(texts[index])
      for position, percent in ipairs { 1, 25, 50, 90, 95, 99, 99.9, 100 } do
        local ns = math.floor(decoded:percentile(percent) * 1e9 + 0.5)
        assert.equal(math.min(theirs.percentiles[position], 3600000000000), ns)
      end
    end
    assert.equal(#texts, #read)
  end)
end)
