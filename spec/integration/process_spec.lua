local process = require "scalerun.process"
local fs = require "scalerun.fs"
local task = require "scalerun.task"

-- The error that fn raises.
local function failure(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  return err
end

describe("process.run", function()
  it("returns how a program ended and what it wrote", function()
    local result = process.run { "sh", "-c", "echo out; echo err >&2; exit 3" }
    assert.same({ status = 3, stdout = "out\n", stderr = "err\n" }, result)
  end)

  it("tells a signal from a status", function()
    assert.same({ signal = "KILL", stdout = "", stderr = "" }, process.run { "sh", "-c", "kill -9 $$" })
  end)

  it("feeds stdin", function()
    local text = ("x"):rep(1000000)
    local result = process.run { "cat", input = text }
    assert.equal(text, result.stdout)
  end)

  it("does not mind a program that leaves its input unread", function()
    assert.equal(0, process.run({ "true", input = ("x"):rep(1000000) }).status)
  end)

  it("takes numbers as arguments", function()
    assert.equal("1 2\n", process.run({ "echo", 1, 2 }).stdout)
  end)

  it("sets, replaces and removes variables", function()
    local script = "echo $SCALERUN_A ${HOME-none}"
    assert.equal("1 none\n", process.run({ "sh", "-c", script, env = { SCALERUN_A = 1, HOME = false } }).stdout)
    local clean = process.run { "env", clear_env = true, env = { B = "2" } }
    assert.equal("B=2\n", clean.stdout)
  end)

  it("changes the working folder", function()
    assert.equal("/usr\n", process.run({ "pwd", cwd = "/usr" }).stdout)
  end)

  it("merges stderr into stdout", function()
    local result = process.run { "sh", "-c", "echo out; echo err >&2", stderr = "stdout" }
    assert.equal("out\nerr\n", result.stdout)
    assert.is_nil(result.stderr)
  end)

  it("writes to files", function()
    local folder = fs.mkdtemp()
    process.run { "echo", "text", stdout = { file = folder .. "/log" } }
    assert.equal("text\n", fs.read(folder .. "/log"))
    fs.remove(folder)
  end)

  it("raises for a program that does not exist", function()
    local err = failure(process.run, { "no-such-program" })
    assert.equal("io", err.kind)
    assert.equal("ENOENT", err.detail)
    assert.equal("process.spawn: cannot run 'no-such-program': No such file or directory", tostring(err))
  end)

  it("raises for a user that does not exist", function()
    assert.matches("there is no user 'nosuchuser'", tostring(failure(process.run, { "true", user = "nosuchuser" })))
  end)

  it("kills what takes too long", function()
    local err = failure(process.run, { "sleep", 1000, timeout = "10ms" })
    assert.equal("timeout", err.kind)
  end)

  it("bounds the output", function()
    local err = failure(process.run, { "head", "-c", 100000, "/dev/zero", pipe_max = 1000 })
    assert.equal("limit", err.kind)
    assert.matches("more than 1000 bytes", tostring(err))
  end)

  it("names unknown options and the nearest known one", function()
    assert.matches("unknown option 'usr' %(did you mean 'user'%?%)", failure(process.run, { "true", usr = "x" }))
    assert.matches("process_spec.lua:%d+: process.run", failure(function()
      process.run { "true", inptu = "x" }
    end))
    assert.matches("no program is named", failure(process.run, {}))
    assert.matches("argument 1 is a boolean", failure(process.run, { "echo", true }))
  end)
end)

describe("process.spawn", function()
  it("reads lines as they come", function()
    local child <close> = process.spawn { "sh", "-c", "echo 1; read x; echo $x", stdin = "pipe", stdout = "pipe" }
    local lines = {}
    for line in child:lines() do
      lines[#lines + 1] = line
      if #lines == 1 then
        child:write("two\n")
      end
    end
    assert.same({ "1", "two" }, lines)
    assert.same({ status = 0 }, child:wait())
    assert.same({ status = 0 }, child:status())
  end)

  it("lets others run while it waits", function()
    local child <close> = process.spawn { "cat", stdin = "pipe", stdout = "pipe" }
    local reader = task.spawn(function()
      return child:read("line")
    end)
    local writer = task.spawn(function()
      child:write("hello\n")
    end)
    writer:join()
    assert.equal("hello", reader:join())
    child:close_stdin()
    assert.is_nil(child:read())
  end)

  it("stops politely, then with force", function()
    local script = "trap 'exit 7' TERM; echo; while :; do sleep 0.01; done"
    local polite = process.spawn { "sh", "-c", script, stdout = "pipe", stderr = "null" }
    polite:read("line")
    assert.same({ status = 7 }, polite:stop())
    assert.same({ status = 7 }, polite:stop())
    local stubborn = process.spawn { "sh", "-c", "trap '' TERM; echo; sleep 1000; sleep 1000", stdout = "pipe" }
    stubborn:read("line")
    assert.same({ signal = "KILL" }, stubborn:stop("10ms"))
  end)

  it("stops with the signal that the program wants", function()
    local script = "trap 'exit 8' INT; echo; while :; do sleep 0.01; done"
    local child = process.spawn { "sh", "-c", script, stdout = "pipe", stderr = "null", stop_signal = "INT" }
    child:read("line")
    assert.same({ status = 8 }, child:stop())
  end)

  it("sends signals", function()
    local child = process.spawn { "sleep", 1000 }
    assert.is_nil(child:status())
    child:kill("TERM")
    assert.same({ signal = "TERM" }, child:wait())
    assert.equal("state", failure(child.kill, child).kind)
    assert.matches("NOSUCH is no signal", tostring(failure(child.kill, child, "NOSUCH")))
  end)

  it("keeps a deadline", function()
    local child <close> = process.spawn { "sleep", 1000, stdout = "pipe", timeout = "10ms" }
    assert.equal("timeout", failure(child.wait, child).kind)
    assert.equal("timeout", failure(child.read, child).kind)
    assert.is_nil(child:status())
  end)

  it("says what is not a pipe", function()
    local child <close> = process.spawn { "sleep", 1000 }
    assert.matches("stdout of this process is not a pipe", tostring(failure(child.read, child)))
    assert.matches("stdin of this process is closed", tostring(failure(child.write, child, "x")))
    assert.matches("'from' is 'stdout' or 'stderr'", tostring(failure(child.read, child, "line", { from = "x" })))
    assert.matches("not twice", tostring(failure(child.read, child, "twice")))
  end)
end)
