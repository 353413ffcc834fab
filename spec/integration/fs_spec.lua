local fs = require "scalerun.fs"
local process = require "scalerun.process"

local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

describe("fs", function()
  local folder

  before_each(function()
    folder = fs.mkdtemp("scalerun-fs-")
  end)

  after_each(function()
    fs.remove(folder)
    assert.is_false(fs.exists(folder))
  end)

  it("makes folders that only their owner enters", function()
    assert.equal(0x1c0, fs.stat(folder).mode)
    assert.equal("folder", fs.stat(folder).type)
  end)

  it("makes folders with their parents", function()
    fs.mkdir(folder .. "/a/b/c", 0x1c0)
    fs.mkdir(folder .. "/a/b/c")
    assert.equal(0x1c0, fs.stat(folder .. "/a/b/c").mode)
    fs.write(folder .. "/file", "")
    local err = failure(fs.mkdir, folder .. "/file")
    assert.equal("ENOTDIR", err.detail)
    assert.matches("/file'", err.message)
  end)

  it("writes and reads files whole", function()
    local data = ("a\0b\r\n"):rep(100000)
    fs.write(folder .. "/file", data, 0x180)
    assert.equal(data, fs.read(folder .. "/file"))
    assert.equal(0x180, fs.stat(folder .. "/file").mode)
    assert.equal(#data, fs.stat(folder .. "/file").size)
    fs.write(folder .. "/file", "new")
    assert.equal("new", fs.read(folder .. "/file"))
    assert.same({ "file" }, fs.list(folder))
    assert.equal("ENOENT", failure(fs.write, folder .. "/none/file", "x").detail)
    assert.matches("none", tostring(failure(fs.read, folder .. "/none")))
  end)

  it("does not put a file in the place of a pipe", function()
    local pipe = folder .. "/pipe"
    assert(os.execute(("mkfifo '%s'"):format(pipe)))
    assert.matches("will not replace the device or pipe", failure(fs.write, pipe, "x").message)
    assert.equal("pipe", fs.stat(pipe).type)
    fs.remove(pipe)
  end)

  it("lists names sorted", function()
    for _, name in ipairs { "c", "a", ".b" } do
      fs.write(folder .. "/" .. name, "")
    end
    assert.same({ ".b", "a", "c" }, fs.list(folder))
    assert.equal("ENOENT", failure(fs.list, folder .. "/none").detail)
  end)

  it("removes links, not what they lead to", function()
    fs.mkdir(folder .. "/kept")
    fs.write(folder .. "/kept/file", "")
    fs.mkdir(folder .. "/gone")
    process.run { "ln", "-s", folder .. "/kept", folder .. "/gone/link" }
    assert.equal("link", fs.stat(folder .. "/gone/link").type)
    assert.equal(fs.realpath(folder .. "/kept"), fs.realpath(folder .. "/gone/link"))
    fs.remove(folder .. "/gone")
    fs.remove(folder .. "/gone")
    assert.same({ "kept" }, fs.list(folder))
    assert.is_true(fs.exists(folder .. "/kept/file"))
  end)

  it("refuses to remove what nobody means", function()
    for _, path in ipairs { "/", "//", ".", "..", "/.", "" } do
      assert.matches("not for removing", tostring(failure(fs.remove, path)))
    end
  end)

  it("tells programs from other files", function()
    fs.write(folder .. "/file", "")
    assert.is_false(fs.executable(folder .. "/file"))
    fs.chmod(folder .. "/file", 0x1c0)
    assert.is_true(fs.executable(folder .. "/file"))
    assert.is_false(fs.executable(folder))
    assert.is_nil(fs.stat(folder .. "/none"))
    assert.is_nil(fs.stat(folder .. "/file/none"))
  end)
end)

describe("core.os", function()
  local core = require "scalerun.core.os"

  it("looks users up", function()
    local root = core.user("root")
    assert.equal(0, root.uid)
    assert.equal("root", core.user(0).name)
    assert.is_nil(core.user("nosuchuser"))
  end)

  it("finds a free port", function()
    local port = core.free_port()
    assert.is_true(port > 1023 and port < 65536)
  end)
end)
