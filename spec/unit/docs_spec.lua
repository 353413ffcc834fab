-- The documentation as it stands: links that lead somewhere, samples that say what they are, the reference up to date.
local annotations = require "scalerun.help.annotations"
local fs = require "scalerun.fs"
local library = require "spec.support.library"
local markdown = require "spec.support.markdown"

local pages, paths = {}, markdown.files()
for _, path in ipairs(paths) do
  pages[path] = markdown.read(path, fs.read(path))
end

-- "docs/ci.md" for "../docs/ci.md" as seen from scripts/scenarios/README.md.
local function resolved(from, target)
  local parts = {}
  for part in ((from:match("^(.*)/[^/]*$") or "") .. "/" .. target):gmatch("[^/]+") do
    if part == ".." then
      assert(table.remove(parts), target .. " leads out of the tree")
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return table.concat(parts, "/")
end

-- What is wrong with a link, or nil.
local function problem(page, link)
  if link.target:find("^%a+:") then
    return nil
  end
  local file, anchor = link.target:match("^([^#]*)#?(.*)$")
  local path = file == "" and page.path or resolved(page.path, file)
  if not fs.exists(path) then
    return ("%s:%d: there is no %s"):format(page.path, link.line, path)
  elseif anchor ~= "" and not (pages[path] and pages[path].anchors[anchor]) then
    return ("%s:%d: %s has no heading #%s"):format(page.path, link.line, path, anchor)
  end
end

describe("the documentation", function()
  it("has links that lead to files and headings that are there", function()
    local problems, count = {}, 0
    for _, path in ipairs(paths) do
      for _, link in ipairs(pages[path].links) do
        problems[#problems + 1] = problem(pages[path], link)
        count = count + 1
      end
    end
    assert.same({}, problems)
    assert.is_true(count > 50, count)
  end)

  it("has no page in docs/ that the index does not lead to", function()
    local led = {}
    for _, link in ipairs(pages["docs/README.md"].links) do
      led[link.target:gsub("#.*$", "")] = true
    end
    for _, path in ipairs(paths) do
      local name = path:match("^docs/(.+%.md)$")
      assert.is_true(not name or name == "README.md" or led[name] == true, path)
    end
  end)

  it("names the language of every sample, and fences it", function()
    for _, path in ipairs(paths) do
      assert.same({}, pages[path].indented, path .. " has an indented block")
      for _, block in ipairs(pages[path].blocks) do
        assert.not_equal("", block.language, ("%s:%d"):format(path, block.line))
      end
    end
  end)

  it("names no machine's paths", function()
    for _, path in ipairs(paths) do
      local found = fs.read(path):match("[%s`(\"]/home/%S*") or fs.read(path):match("[%s`(\"]/work/%S*")
      assert.is_nil(found, path)
    end
  end)

  it("has the reference that scripts/reference makes of the annotations (run it when this fails)", function()
    local made = require("scripts.support.reference_page").make(annotations.make(library.sources("lua")))
    assert.equal(made, fs.read("docs/api.md"))
  end)
end)

describe("the reader of Markdown", function()
  it("gives headings the anchors that GitHub gives them", function()
    for heading, anchor in pairs {
      ["What functions are given"] = "what-functions-are-given",
      ["`scale.http.Options`"] = "scalehttpoptions",
      ["The target's clients"] = "the-targets-clients",
      ["Nothing, or 5 % – twice"] = "nothing-or-5---twice",
      ["[A link](x.md) here"] = "a-link-here",
    } do
      assert.equal(anchor, markdown.anchor(heading))
    end
  end)

  it("finds blocks, headings and links, and takes none from within a block", function()
    local page = markdown.read("x.md", table.concat({
      "# One", "", "See [two](two.md#b) and `[no](link)`.", "", "- item", "", "  ```lua verify fail", "  # no heading",
      "    local a = 1", "  ```", "", "## One", "", "    indented", "",
    }, "\n"))
    assert.same({ { path = "x.md", line = 8, language = "lua", words = { "verify", "fail" },
      text = "# no heading\n  local a = 1\n" } }, page.blocks)
    assert.same({ ["one"] = true, ["one-1"] = true }, page.anchors)
    assert.same({ { target = "two.md#b", line = 3 } }, page.links)
    assert.same({ 14 }, page.indented)
  end)

  it("refuses a fence that is not closed", function()
    assert.has_error(function()
      markdown.read("x.md", "```lua\nlocal a\n")
    end, "x.md: a fence is not closed")
  end)
end)
