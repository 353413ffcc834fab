local folder = require "scalerun.report.folder"
local fs = require "scalerun.fs"

describe("the folder of a run", function()
  local parent

  before_each(function()
    parent = fs.mkdtemp()
  end)

  after_each(function()
    fs.remove(parent)
  end)

  local BEGAN = "2026-11-23T12:00:00.000Z"

  it("holds texts and copies", function()
    local bytes = ("\0x\n"):rep(700000) -- more than is copied at once
    fs.write(parent .. "/source", bytes)
    local path = assert(folder.write(parent .. "/to/", BEGAN, function(id)
      return { ["a.json"] = id, ["sub/b"] = { copy = parent .. "/source" } }
    end))
    assert.equal(parent .. "/to/2026-11-23T12-00-00Z", path)
    assert.equal("2026-11-23T12-00-00Z", fs.read(path .. "/a.json"))
    assert.equal(bytes, fs.read(path .. "/sub/b"))
  end)

  it("is there whole or not at all, and the file that could not be written is named", function()
    local path, problem = folder.write(parent, BEGAN, function()
      return { ["a.json"] = "{}", b = { copy = parent .. "/missing" } }
    end)
    assert.is_nil(path)
    assert.equal(parent .. "/missing: No such file or directory", problem)
    assert.same({}, fs.list(parent))
  end)
end)
