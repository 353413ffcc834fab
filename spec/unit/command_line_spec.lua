-- The manual page, the completion of shells and the help say what the command line takes.
local completions = require "scripts.support.completions"
local command_line = require "scripts.support.command_line"
local fs = require "scalerun.fs"
local manual_text = require "scripts.support.manual_text"
local options = require "scalerun.cli.options"
local process = require "scalerun.process"

local root = debug.getinfo(1, "S").source:match("^@(.*)spec/unit/[^/]+$")

local function run(words)
  words.timeout, words.stderr = "30s", "stdout"
  return process.run(words)
end

describe("what scripts/manual makes (run it when this fails)", function()
  for path, make in pairs {
    ["man/scalerun.1"] = manual_text.page,
    ["completions/scalerun.bash"] = completions.bash,
    ["completions/_scalerun"] = completions.zsh,
  } do
    it("is up to date: " .. path, function()
      assert.equal(make(), fs.read(root .. path))
    end)
  end
end)

describe("the manual page", function()
  it("is clean", function()
    assert.same({ 0, "" }, (function()
      local linted = run { "mandoc", "-T", "lint", "-W", "style", root .. "man/scalerun.1" }
      return { linted.status, linted.stdout }
    end)())
  end)

  it("has every command and every option", function()
    local shown = run { "mandoc", "-T", "ascii", root .. "man/scalerun.1" }.stdout:gsub(".\b", "")
    for _, command in ipairs(command_line.commands()) do
      assert.matches("\n   " .. command.name .. "\n", shown)
      for _, group in ipairs(command.groups) do
        for _, option in ipairs(group.options) do
          assert.is_truthy(shown:find(option.long, 1, true), option.long)
        end
      end
    end
  end)
end)

describe("the help", function()
  it("has every command, in less than 40 lines", function()
    local help = options.help("run")
    for _, command in ipairs(options.COMMANDS) do
      assert.is_truthy(help:find("%f[%w]" .. command .. "%f[%W]"), command)
    end
    local _, lines = help:gsub("\n", "")
    assert.is_true(lines + 1 < 40, lines + 1)
    for line in help:gmatch("[^\n]+") do
      assert.is_true(#line <= 120, line)
    end
  end)
end)

describe("completion in bash", function()
  -- What is offered for the last of the words.
  local function offered(...)
    local quoted = {}
    for index, word in ipairs { "scalerun", ... } do
      quoted[index] = ("'%s'"):format(word)
    end
    local script = ([[
      cd '%s'
      . completions/scalerun.bash
      COMP_WORDS=(%s) COMP_CWORD=%d
      _scalerun
      printf '%%s\n' "${COMPREPLY[@]}"
    ]]):format(root == "" and "." or root, table.concat(quoted, " "), #quoted - 1)
    local list = {}
    for line in run({ "bash", "-c", script }).stdout:gmatch("[^\n]+") do
      list[#list + 1] = line
    end
    table.sort(list)
    return list
  end

  it("offers commands, options and files", function()
    assert.same({ "check", "completions/" }, (function()
      local list = {}
      for _, word in ipairs(offered "c") do
        list[#list + 1] = (word == "check" or word == "completions/") and word or nil
      end
      return list
    end)())
    assert.same({ "--target", "--threads" }, offered "--t")
    assert.same({ "scripts/scenarios/s1_id_reservation.lua" }, offered "scripts/scenarios/s1_")
    assert.same({ "scripts/scenarios/s1_id_reservation.lua" }, offered("check", "scripts/scenarios/s1_"))
    assert.same({ "--projects" }, offered("sandbox", "--pro"))
    assert.same({}, offered("check", "--target"))
    assert.same({ "workflow" }, offered("new", "work"))
    assert.same({ "completions" }, offered("--report", "compl"))
    assert.same({}, offered("--seed", ""))
    assert.same({ "full", "quick" }, offered("--profile", ""))
    assert.same({ "csv" }, offered("report", "--format", "c"))
    assert.same({ "--projects" }, offered("--seed", "5", "sandbox", "--pro"))
  end)
end)

describe("completion in zsh", function()
  it("is well written", function()
    assert.same({ 0, "" }, (function()
      local checked = run { "zsh", "-n", root .. "completions/_scalerun" }
      return { checked.status, checked.stdout }
    end)())
  end)
end)

describe("the Taskfile", function()
  it("is thin over scripts and programs that are there", function()
    local text, names = fs.read(root .. "Taskfile.yml"), {}
    for name in text:gmatch("\n  ([%l:]+):\n") do
      names[name] = true
    end
    for _, name in ipairs { "test", "test:scalability", "bench" } do
      assert.is_true(names[name], name)
    end
    local count = 0
    for script in text:gmatch("cmds: %[[\"]?(scripts/%w+)") do
      assert.is_true(fs.exists(root .. script), script)
      count = count + 1
    end
    assert.is_true(count > 4, count)
  end)
end)
