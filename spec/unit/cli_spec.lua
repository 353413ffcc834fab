local options = require "scalerun.cli.options"
local paths = require "scalerun.cli.paths"
local keys = require "scalerun.cli.keys"
local projects = require "scalerun.run.projects"
local status = require "scalerun.cli.status"

describe("the command line", function()
  it("knows its command wherever options stand", function()
    local cases = {
      { { "s.lua" }, "run", { "s.lua" } },
      { { "run", "s.lua" }, "run", { "s.lua" } },
      { { "--fault", "run", "s.lua" }, "run", { "--fault", "run", "s.lua" } },
      { { "-v", "sandbox", "--seed", "1" }, "sandbox", { "-v", "--seed", "1" } },
      { { "busted", "-o", "TAP", "run" }, "busted", { "-o", "TAP", "run" } },
      { { "s.lua", "sandbox" }, "run", { "s.lua", "sandbox" } },
      { {}, "run", {} },
    }
    for _, case in ipairs(cases) do
      local command, rest = options.command(case[1])
      assert.same({ case[2], case[3] }, { command, rest })
    end
  end)

  it("reads options", function()
    local parsed = assert(options.parse("run", { "--projects", "a,b", "--seed=7", "--set", "x=1", "--set", "y=a=b",
      "-q", "s.lua", "dir" }))
    assert.same({ "a", "b" }, parsed.projects)
    assert.equal(7, parsed.seed)
    assert.same({ x = "1", y = "a=b" }, parsed.settings)
    assert.is_true(parsed.quiet)
    assert.same({ "s.lua", "dir" }, parsed.scripts)
  end)

  it("has the five projects and seed 42 unless told", function()
    local parsed = assert(options.parse("run", { "s.lua" }))
    assert.same({ "ai-agent", "alpha", "beta", "gamma", "delta" }, parsed.projects)
    assert.equal(42, parsed.seed)
    assert.same({ "full", nil }, { parsed.profile, parsed.replicas })
  end)

  it("takes the last of two profiles", function()
    assert.equal("full", assert(options.parse("run", { "--profile", "quick", "s.lua", "--profile", "full" })).profile)
  end)

  it("reads what is behind a balancer", function()
    local parsed = assert(options.parse("run", { "--target", "http://x", "--replica-urls", "http://a:1,http://b:2/" }))
    assert.same({ "http://a:1", "http://b:2" }, parsed.replica_urls)
    assert.equal(3, assert(options.parse("sandbox", { "--replicas", "3" })).replicas)
  end)

  local wrong = {
    { { "--progects", "3" }, "unknown option '%-%-progects'. Did you mean '%-%-projects'%?" },
    { { "--seed" }, "'%-%-seed' requires an argument" },
    { { "--seed", "x" }, "%-%-seed: x is not a whole number" },
    { { "--seed=-1" }, "%-%-seed: %-1 is not a whole number" },
    { { "--threads", "0" }, "%-%-threads: 0" },
    { { "--set", "novalue" }, "%-%-set: write KEY=VALUE, not 'novalue'" },
    { { "--projects", "0" }, "%-%-projects: a run has 1 to 1000 projects, not 0" },
    { { "--projects", "A" }, "%-%-projects: 'A' is not a project id" },
    { { "--projects", "a,a" }, "'a' is named twice" },
    { { "--target", "localhost" }, "%-%-target: 'localhost' is not a URL" },
    { { "--target", "http://x", "--fault", "gap_id" }, "%-%-fault: only the sandbox" },
    { { "--keys", "k.json" }, "%-%-keys: goes with %-%-target" },
    { { "--balancer", "http://x" }, "%-%-balancer: goes with %-%-target" },
    { { "--replica-urls", "http://x" }, "%-%-replica%-urls: goes with %-%-target" },
    { { "--target", "http://x", "--replica-urls", "http://x,y" }, "%-%-replica%-urls: 'y' is not a URL" },
    { { "--target", "http://x", "--balancer", "x" }, "%-%-balancer: 'x' is not a URL" },
    { { "--database", "x", "--replicas", "2" }, "%-%-replicas: only the sandbox" },
    { { "--replicas", "0" }, "%-%-replicas: 0 is not a whole number from 1" },
    { { "--replicas", "21" }, "%-%-replicas: at most 20" },
    { { "--profile", "quik" }, "%-%-profile: there is no profile 'quik' %(did you mean 'quick'%?%)" },
  }
  for _, case in ipairs(wrong) do
    it("refuses " .. table.concat(case[1], " "), function()
      local parsed, problem = options.parse("run", case[1])
      assert.is_nil(parsed)
      assert.matches(case[2], problem)
      assert.is_nil(problem:find("\n", 1, true))
    end)
  end

  it("describes every option in its help", function()
    local help = options.help("run")
    for _, name in ipairs { "--projects", "--target", "--keys", "--database", "--redis", "--seed", "--set", "--report",
      "--fault", "--threads", "--balancer", "--replica-urls", "--replicas", "--profile", "--lua-path",
      "--quiet", "--verbose", "--no-color", "--version" } do
      assert.is_truthy(help:find(name, 1, true), name)
    end
  end)
end)

describe("projects", function()
  it("are counted from the known five on", function()
    assert.same({ "ai-agent", "alpha" }, projects.parse("2"))
    local seven = projects.parse("7")
    assert.same({ "delta", "project-006", "project-007" }, { seven[5], seven[6], seven[7] })
    assert.equal(1000, #projects.parse("1000"))
  end)

  it("are refused beyond what a run can hold", function()
    assert.is_nil((projects.parse("1001")))
    assert.is_nil((projects.parse("99999999999999999999")))
    assert.is_nil((projects.parse("")))
    assert.is_nil((projects.parse("a,,b")))
    assert.is_nil((projects.parse(("x"):rep(101))))
  end)
end)

describe("scripts of a folder", function()
  local fs = {
    stat = function(path)
      return not path:find("%.lua/%.$") and { type = "folder" } or nil
    end,
    list = function(path)
      return path == "empty" and {} or { "s10.lua", "s2.lua", "README.md", "s1.lua", ".hidden.lua", "S2b.lua" }
    end,
  }

  it("come in natural order", function()
    assert.same({ "dir/s1.lua", "dir/s2.lua", "dir/S2b.lua", "dir/s10.lua" }, paths.expand({ "dir/" }, fs))
  end)

  it("stand where their folder was named", function()
    assert.same({ "z.lua", "d/s1.lua", "d/s2.lua", "d/S2b.lua", "d/s10.lua", "a.lua" },
      paths.expand({ "z.lua", "d", "a.lua" }, fs))
  end)

  it("must exist", function()
    local files, problem = paths.expand({ "empty" }, fs)
    assert.is_nil(files)
    assert.equal("empty: the folder has no *.lua", problem)
  end)
end)

describe("faults", function()
  local faults = require "scalerun.cli.faults"
  local known = faults.list("duplicate_id   every 7th allocation\ngap_id         every 7th\n")

  it("are those that the target lists, and the sandbox's own", function()
    assert.same({ name = "gap_id", text = "every 7th", of = "target" }, known[2])
    assert.same({ "skewed_balancer", "sandbox" }, { known[3].name, known[3].of })
    assert.is_nil(faults.problem("gap_id", known))
    assert.is_nil(faults.problem("skewed_balancer", known))
  end)

  it("are suggested for what is none", function()
    assert.equal("--fault: there is no fault 'duplicate_ids' (did you mean 'duplicate_id'?)",
      faults.problem("duplicate_ids", known))
    assert.equal("--fault: there is no fault 'x' (known are: duplicate_id, gap_id, skewed_balancer, "
      .. "sticky_balancer, blind_balancer, slow_balancer)",
      faults.problem("x", known))
  end)
end)

describe("keys", function()
  local path

  before_each(function()
    path = os.tmpname()
  end)

  after_each(function()
    os.remove(path)
  end)

  local function read(text, wanted)
    local file = assert(io.open(path, "w"))
    file:write(text)
    file:close()
    return keys.read(path, wanted, require("cjson").decode)
  end

  it("are read for the projects of the run", function()
    assert.same({ alpha = "secret-1" }, read('{"alpha":"secret-1","beta":"secret-2"}', { "alpha" }))
  end)

  it("name what is missing, never a key", function()
    for text, expected in pairs {
      ['{"alpha":"secret-1"}'] = "has no key for project 'beta'",
      ['{"alpha":"secret-1","beta":5}'] = "has no key for project 'beta'",
      ["secret-1"] = "is not a JSON object",
    } do
      local found, problem = read(text, { "alpha", "beta" })
      assert.is_nil(found)
      assert.matches(expected, problem)
      assert.is_nil(problem:find("secret", 1, true))
    end
    local _, problem = keys.read("/no/such", {}, print)
    assert.matches("^cannot read /no/such: No such file", problem)
  end)
end)

describe("the exit status", function()
  local function of(fields)
    fields.scenarios = fields.scenarios or {}
    return (status.of(fields))
  end

  it("is one per kind of end", function()
    assert.equal(0, of { verdict = "pass" })
    assert.equal(1, of { verdict = "fail" })
    assert.equal(2, of { verdict = "inconclusive" })
    assert.equal(3, of { verdict = "pass", script_failed = true })
    assert.equal(4, of { verdict = "inconclusive", unreachable = "--target: refused" })
    assert.equal(130, of { verdict = "pass", signal = 2 })
    assert.equal(143, of { verdict = "pass", signal = 15 })
    assert.equal(0, of { verdict = "inconclusive", plain = true })
  end)

  it("follows the weightiest when several apply", function()
    assert.equal(130, of { verdict = "fail", signal = 2, script_failed = true, unreachable = "x" })
    assert.equal(3, of { verdict = "fail", script_failed = true, unreachable = "x" })
    assert.equal(1, of { verdict = "fail", unreachable = "x" })
  end)

  it("is no pass without a report, and else what it was", function()
    assert.same({ 3, "pass, but disk full" },
      { status.without(0, "pass", "disk full") })
    assert.same({ 1, "fail: S1, but disk full" },
      { status.without(1, "fail: S1", "disk full") })
    assert.same({ 130, "interrupted, but x" }, { status.without(130, "interrupted", "x") })
    assert.same({ 0, "pass" }, { status.without(0, "pass") })
  end)

  it("says which scenarios", function()
    local _, text = status.of { verdict = "fail", scenarios = { { id = "S1", verdict = "fail" },
      { id = "S2", verdict = "pass" }, { id = "S3", verdict = "fail" } } }
    assert.equal("fail: S1, S3", text)
  end)
end)
