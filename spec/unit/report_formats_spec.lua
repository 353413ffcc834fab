local fs = require "scalerun.fs"
local formats = require "scalerun.report.formats"
local process = require "scalerun.process"
local prometheus = require "scalerun.witness.prometheus"
local report = require "scalerun.report.json"
local sample = require "spec.support.sample_result"
local script = require "scalerun.report.html.script"

local root = debug.getinfo(1, "S").source:match("^@(.*)spec/unit/[^/]+$")
local XSD = (root == "" and "." or root) .. "/schema/junit.xsd"

local function stored(result)
  local text = report.encode(result, function(whole)
    return whole
  end)
  return { document = assert(report.decode(text)), text = text, folder = "/nowhere" }
end

local function make(name, result)
  return assert(formats.make(name, stored(result)))
end

describe("--format", function()
  it("takes a list, and names what there is", function()
    assert.same({ "html", "junit" }, formats.parse "html, junit")
    local names, problem = formats.parse "html,pdf"
    assert.is_nil(names)
    assert.equal("there is no format 'pdf'; there are csv, github, html, json, junit, markdown, prometheus", problem)
  end)

  it("gives report.json back as it was read", function()
    local one = stored(sample.result())
    assert.equal(one.text, formats.make("json", one))
  end)
end)

describe("JUnit XML", function()
  local folder

  lazy_setup(function()
    folder = fs.mkdtemp "scalerun-junit-"
  end)

  lazy_teardown(function()
    fs.remove(folder)
  end)

  local function validate(text)
    fs.write(folder .. "/junit.xml", text)
    return process.run { "xmllint", "--noout", "--nonet", "--schema", XSD, folder .. "/junit.xml" }
  end

  it("is what readers take, whatever scripts put into it", function()
    for _, result in ipairs { sample.result(), sample.hostile() } do
      local ended = validate(make("junit", result))
      assert.equal(0, ended.status, ended.stderr)
    end
    local odd = sample.result()
    odd.scenarios[2].checks[1].name = "nul \0, escape \27, no text \255, not a character \u{ffff}, ]]> and\ttab"
    local ended = validate(make("junit", odd))
    assert.equal(0, ended.status, ended.stderr)
  end)

  it("is refused by its schema when it is spoilt", function()
    local text = make("junit", sample.result())
    local changes = { { 'tests="16"', 'tests="many"' }, { ' classname="[^"]*"', "" }, { "failure", "failed" } }
    for _, change in ipairs(changes) do
      assert.is_true(validate((text:gsub(change[1], change[2]))).status ~= 0)
    end
  end)

  it("gives each suite its scenario's time", function()
    local result = sample.result()
    local text, count = make("junit", result), 0
    for seconds in text:gmatch('<testsuite [^>]*time="([%d.]+)"') do
      count = count + 1
      assert.equal(("%.3f"):format(result.scenarios[count].duration), seconds)
    end
    assert.equal(#result.scenarios, count)
  end)

  it("counts what is inconclusive as an error", function()
    local text = make("junit", sample.result())
    assert.matches('<testsuites name="scalerun" tests="16" failures="2" errors="1" time="156.300">', text, 1, true)
    assert.equal(2, select(2, text:gsub("<failure ", "")))
    assert.matches('<error message="observed +9.6 % (95 % CI +7.4…+11.9), 6 rounds, expected at most +10 %"', text, 1,
      true)
    assert.matches('<property name="covers" value="US-064 scenario 2"/>', text, 1, true)
    assert.matches("beta read TASK-0101 of alpha", text, 1, true)
  end)
end)

describe("Markdown", function()
  it("has verdict, requirements, scenarios and what did not hold", function()
    local text = make("markdown", sample.result())
    assert.matches("## ❌ scalerun: fail: S2", text, 1, true)
    assert.matches("| US-064 scenario 4 | S4 | ❔ inconclusive |", text, 1, true)
    assert.matches("- ❌ **no project sees another's tasks**: observed 8 leaks over 20 project pairs, expected none",
      text, 1, true)
    assert.matches("  - and 3 more in the report", text, 1, true)
  end)

  it("lets scripts make no markup", function()
    local result = sample.result()
    result.scenarios[2].title = "a | b\n# c <b> [x](http://y) `z` @all ![i](j)"
    local text = make("markdown", result)
    assert.matches("| S2 | a \\| b \\# c &lt;b&gt; \\[x\\](http://y) \\`z\\` \\@all \\!\\[i\\](j) |", text, 1, true)
    assert.is_nil(make("markdown", sample.hostile()):find("<img", 1, true))
  end)
end)

describe("annotations of GitHub", function()
  it("are an error or a warning for each open check, on one line each", function()
    local text = make("github", sample.result())
    assert.equal(3, select(2, text:gsub("\n", "")))
    assert.matches("::error file=scripts/scenarios/s2.lua,title=S2%3A no iteration fails::observed 3 of 1000 iterations"
      .. " failed, expected 0%0Aproject gamma, iteration 17: GET /tasks: 503 Database unavailable\n", text, 1, true)
    assert.matches("::warning file=scripts/scenarios/s4.lua,title=S4%3A the mean stays within 10 %25::", text, 1, true)
  end)

  it("escape what would end a command or begin another", function()
    local result = sample.result()
    result.scenarios[2].checks[1].name = "a,b:c%d\r\n::error::x"
    result.scenarios[2].checks[1].observed = "50%\n::stop-commands::y"
    local text = make("github", result)
    local expected = "title=S2%3A a%2Cb%3Ac%25d%0D%0A%3A%3Aerror%3A%3Ax::observed 50%25%0A::stop-commands::y"
    assert.matches(expected, text, 1, true)
    assert.is_nil(("\n" .. text):find("\n::stop", 1, true))
  end)
end)

describe("Prometheus text", function()
  it("is read by scalerun's own reader of such texts", function()
    for _, result in ipairs { sample.result(), sample.hostile() } do
      local exposition = assert(prometheus.parse(make("prometheus", result)))
      assert.is_true(#exposition.samples > 100)
    end
  end)

  it("has verdicts, facts and each operation's numbers", function()
    local text = make("prometheus", sample.result())
    for _, line in ipairs {
      'scalerun_run_verdict{verdict="fail"} 1',
      'scalerun_scenario_verdict{scenario="S4",verdict="inconclusive"} 1',
      'scalerun_requirement_verdict{requirement="US-064 scenario 1",verdict="pass"} 1',
      "scalerun_degradation_ratio 0.096",
      'scalerun_operations{scenario="S2",project_id="gamma",operation="tasks.list",outcome="failed"} 3',
      'scalerun_operation_duration_seconds_count{scenario="S1",project_id="alpha",operation="iteration"} 100',
    } do
      assert.is_truthy(text:find(line .. "\n", 1, true), line)
    end
  end)
end)

describe("the HTML page", function()
  it("names the script that it runs", function()
    local ended = process.run { "openssl", "dgst", "-sha256", "-binary", input = script.TEXT }
    local encoded = process.run { "openssl", "base64", "-A", input = ended.stdout }
    assert.equal("sha256-" .. encoded.stdout, script.HASH)
  end)

  it("shows runs that lack everything optional", function()
    local result = sample.result()
    result.scenarios = { { id = "X", title = "X", path = "x.lua", verdict = "inconclusive", duration = 0, phases = {},
      checks = {}, errors = {}, projects = {} } }
    result.target, result.profile = {}, nil
    for _, name in ipairs { "html", "junit", "markdown", "github", "prometheus" } do
      assert.is_string(make(name, result))
    end
    result.scenarios = {}
    assert.matches("</html>", make("html", result))
  end)
end)

describe("CSV", function()
  it("says when the operations are not there", function()
    local text, problem = formats.make("csv", stored(sample.result()))
    assert.is_nil(text)
    assert.equal("the operations are not there: /nowhere/history.jsonl.zst", problem)
  end)
end)
