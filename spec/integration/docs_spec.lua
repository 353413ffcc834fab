-- Every sample in the documentation is run, or where that is not possible looked at: Lua and shell on a sandbox, JSON
-- and YAML by a parser. spec/support/samples.lua says what the words behind a block's language mean.
local command = require "spec.support.command"
local command_lines = require "spec.support.command_lines"
local fs = require "scalerun.fs"
local json = require "scalerun.json"
local markdown = require "spec.support.markdown"
local peers = require "spec.support.peers"
local process = require "scalerun.process"
local samples = require "spec.support.samples"
local workspace = require "spec.support.workspace"

---@type table<string, spec.Block[]>
local blocks = { lua = {}, sh = {}, text = {}, json = {}, yaml = {}, groovy = {} }
local pages = {}
for index, path in ipairs(markdown.files()) do
  pages[index] = markdown.read(path, fs.read(path))
  for _, block in ipairs(pages[index].blocks) do
    assert(blocks[block.language], ("%s:%d: nothing checks samples of %s"):format(path, block.line, block.language))
    table.insert(blocks[block.language], block)
  end
end

local function where(block)
  return ("%s:%d"):format(block.path, block.line)
end

local function has(block, word)
  for _, one in ipairs(block.words) do
    if one == word then
      return true
    end
  end
  return false
end

describe("Lua samples", function()
  local folder = command.folder()
  local by_kind, all = { client = {}, scenario = {} }, {}
  fs.mkdir(folder .. "/scenarios")
  process.run { "cp", "-r", "scripts/workflows", folder }
  for number, block in ipairs(blocks.lua) do
    local sample = samples.make(block, number)
    if sample.kind == "client" then
      table.insert(by_kind.client, sample)
    else
      all[#all + 1] = sample
      sample.path = command.file(folder .. (sample.kind == "check" and "" or "/scenarios"), sample.id .. ".lua",
        sample.script)
    end
  end

  it("are all right in the eyes of scalerun check", function()
    local words = { "check" }
    for _, sample in ipairs(all) do
      words[#words + 1] = sample.path
    end
    local outcome = command.run(words, { reports = false })
    local text = outcome.stdout
    for _, sample in ipairs(all) do
      text = text:gsub(sample.path:gsub("%p", "%%%0"), sample.where)
    end
    assert.equal("", text)
  end)

  local outcome
  setup(function()
    outcome = command.run({ "--projects", "alpha,beta", "--replicas", "2", "--profile", "quick", "--quiet",
      folder .. "/scenarios" }, { timeout = 400 })
  end)

  for _, sample in ipairs(all) do
    if sample.kind ~= "check" then
      it(("do what %s (%s) says"):format(sample.where, sample.kind), function()
        local row
        for _, one in ipairs(outcome.report and outcome.report.scenarios or {}) do
          row = one.id == sample.id and one or row
        end
        assert.is_table(row, outcome.stderr)
        local told = json.encode { row.verdict, row.errors, row.checks }
        assert.same({}, row.errors, told)
        assert.is_true(#row.checks > 0, told)
        if sample.verdict ~= "any" then
          assert.equal(sample.verdict, row.verdict, told)
        end
      end)
    end
  end

  it("with clients do what they say", function()
    local script = command.file(folder, "clients.lua", samples.clients(by_kind.client))
    local ended = command.run({ "--quiet", script }, { reports = false })
    for _, sample in ipairs(by_kind.client) do
      assert.matches(sample.where:gsub("%p", "%%%0") .. "\tok\n", ended.stdout .. ended.stderr)
    end
    assert.equal(0, ended.status, ended.stderr)
  end)
end)

-- What differs from run to run: numbers, ids, times, spaces.
local function normal(line)
  return (line:gsub("%d[%d.:T-]*Z?", "N"):gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

local function assert_shows(block, output)
  local at, lines = 1, {}
  for line in (output .. "\n"):gmatch("(.-)\r?\n") do
    lines[#lines + 1] = normal(line)
  end
  for line in block.text:gmatch("(.-)\n") do
    if line ~= "" and line ~= "…" and not line:find("^> ") then
      while lines[at] and lines[at] ~= normal(line) do
        at = at + 1
      end
      assert.is_string(lines[at], ("%s: the output has no line '%s':\n%s"):format(where(block), line, output))
    end
  end
end

describe("shell samples", function()
  local place
  setup(function()
    place = workspace.new()
  end)
  teardown(function()
    place:close()
  end)

  for _, block in ipairs(blocks.sh) do
    it(("of %s name what is there"):format(where(block)), function()
      assert.same({}, command_lines.problems(block.text))
      local checked = process.run { "bash", "-n", "-c", block.text }
      assert.same({ 0, "" }, { checked.status, checked.stderr })
    end)
  end

  local outputs = {}
  for _, block in ipairs(blocks.sh) do
    if not has(block, "unrun") then
      it(("of %s run"):format(where(block)), function()
        local wanted = 0
        for _, word in ipairs(block.words) do
          wanted = tonumber(word:match("^status=(%d+)$")) or wanted
        end
        local ended = place:run(block.text)
        assert.equal(wanted, ended.status, ended.stdout .. ended.stderr)
        outputs[block.path] = ended.stdout .. ended.stderr
      end)
      -- What a block of text behind it shows.
      for _, page in ipairs(pages) do
        for index, other in ipairs(page.blocks) do
          local shown = page.blocks[index + 1]
          if other == block and shown and shown.language == "text" and has(shown, "output") then
            it(("of %s print what is shown"):format(where(block)), function()
              assert_shows(shown, outputs[block.path])
            end)
          end
        end
      end
    end
  end

  for _, block in ipairs(blocks.text) do
    if has(block, "repl") then
      it(("of %s are what the prompt says"):format(where(block)), function()
        local lines = {}
        for line in block.text:gmatch("> ([^\n]*)\n") do
          lines[#lines + 1] = line
        end
        local ended = place:run(("scalerun repl 2>&1 <<'END'\n%s\nEND\n"):format(table.concat(lines, "\n")))
        assert_shows(block, ended.stdout)
      end)
    else
      it(("of %s are shown by a command"):format(where(block)), function()
        assert.is_true(has(block, "output"))
      end)
    end
  end
end)

-- All strings of a document under the keys that CI systems run.
local RUN = { run = true, script = true, before_script = true, after_script = true }
local function add_scripts(value, key, found)
  if type(value) == "string" and RUN[key] then
    found[#found + 1] = value
  elseif type(value) == "table" then
    for name, inner in pairs(value) do
      add_scripts(inner, type(name) == "string" and name or key, found)
    end
  end
end

local function assert_shell(block, text)
  assert.same({}, command_lines.problems(text), where(block))
  local checked = process.run { "bash", "-n", "-c", text }
  assert.equal("", checked.stderr, where(block))
end

describe("other samples", function()
  for _, block in ipairs(blocks.json) do
    it(("of %s are JSON"):format(where(block)), function()
      assert.is_table(json.decode(block.text))
    end)
  end

  for _, block in ipairs(blocks.yaml) do
    it(("of %s are YAML, with commands that are there"):format(where(block)), function()
      local path = command.file(command.folder(), "sample.yml", block.text)
      local ended = process.run { peers.path "node_modules/.bin/node", peers.path "read_yaml.mjs", path }
      assert.same({ 0, "" }, { ended.status, ended.stderr })
      local scripts = {}
      add_scripts(json.decode(ended.stdout), "", scripts)
      assert.is_true(#scripts > 0)
      for _, text in ipairs(scripts) do
        assert_shell(block, text)
      end
    end)
  end

  for _, block in ipairs(blocks.groovy) do
    it(("of %s have their brackets in pairs, with commands that are there"):format(where(block)), function()
      local found, open = 0, {}
      for text in block.text:gmatch "'''(.-)'''" do
        found = found + 1
        assert_shell(block, (text:gsub("\\\\", "\\")))
      end
      local rest = block.text:gsub("'''.-'''", "")
      local pairs_of = { [")"] = "(", ["]"] = "[", ["}"] = "{" }
      for bracket in rest:gsub("'[^'\n]*'", ""):gmatch("[%(%)%[%]{}]") do
        if pairs_of[bracket] then
          assert.equal(pairs_of[bracket], table.remove(open), where(block))
        else
          open[#open + 1] = bracket
        end
      end
      assert.same({}, open)
      assert.is_true(found > 0)
    end)
  end
end)

describe("the check of command lines", function()
  it("finds scripts, commands and options that are not there", function()
    assert.same({ "there is no scripts/deploy" }, command_lines.problems "./scripts/deploy --now")
    assert.same({ "scalerun run has no option --project" },
      command_lines.problems "build/release/scalerun --project 5 x.lua # --nothing")
    assert.same({ "scalerun judge has no option --projects" },
      command_lines.problems "if true; then\n  scalerun judge --projects 2 \\\n    reports/x\nfi")
    assert.same({}, command_lines.problems "scalerun --projects 2 x.lua && echo --any")
  end)
end)

describe("the maker of samples", function()
  local function block(text, ...)
    return { path = "x.md", line = 1, language = "lua", words = { ... }, text = text }
  end

  it("refuses a part of a script that does not say of what", function()
    assert.error_matches(function()
      samples.make(block "run:expect('x')", 1)
    end, "x.md:1 is no whole script")
    assert.error_matches(function()
      samples.make(block("run:expect('x')", "other"), 1)
    end, "no kind of sample other")
  end)

  it("puts a part where it belongs", function()
    local sample = samples.make(block("local a = 1\n", "verify", "fail"), 7)
    assert.equal("fail", sample.verdict)
    assert.matches('id = "sample%-007"', sample.script)
    assert.is_function(load(sample.script))
  end)
end)
