-- S3 against the reference target: it passes, and finds what it is meant to find by the check that is meant to.
local acceptance = require "spec.support.acceptance"
local command = require "spec.support.command"
local sandbox = require "scalerun.sandbox"
local scale = require "scalerun"

local SCRIPT = "scripts/scenarios/s3_resource_cache.lua"
local ONCE = "each document is read from disk once"

describe("S3", function()
  it("passes on the reference target, with any number of projects and replicas", function()
    for _, words in ipairs { {}, { "--projects", "2", "--replicas", "2" } } do
      local found = acceptance.run(SCRIPT, "--profile", "quick", table.unpack(words))
      assert.equal(0, found.outcome.status, acceptance.text(found))
      assert.matches("^hit rate %d+%.%d %%, 18 loads of 6 documents after 3 flushes", found.row.summary)
    end
  end)

  -- The check that finds the fault, and what is in its evidence or, where it has a number, what it observed.
  local faults = {
    cache_off = { "more than 80 % are served from the cache", "^0$" },
    cache_stampede = { ONCE, "cold%-1, sdlc/core: read from disk 5 times" },
    cache_wrong_content = { "all projects are sent what the disk holds", "was a HIT and brought another text" },
    slow_hit = { "documents from the cache come within 10 ms", "^3%d[%d.]* ms$" },
    slow_miss = { "documents from disk come within 50 ms", "^[1-9]%d%d?[%d.]* ms$" },
    early_expiry = { "what is in the cache is not read again", "round warm%-%d+: [%w/]+ was a MISS" },
  }
  for fault, expected in pairs(faults) do
    it("finds " .. fault, function()
      local found = acceptance.finds(SCRIPT, fault, expected[1])
      local number = expected[2]:sub(1, 1) == "^"
      assert.matches(expected[2], number and tostring(found.checks[expected[1]].observed)
        or acceptance.evidence(found, expected[1]))
    end)
  end

  it("compares with the files, where it can read them", function()
    local box <close> = sandbox.start { tasks = 10, reserve_rate = 0 }
    local other = command.folder()
    scale.fs.mkdir(other .. "/templates")
    scale.fs.write(other .. "/templates/epic.md", "another text")
    local function run(folder)
      return acceptance.run(SCRIPT, "--profile", "quick", "--target", box.url, "--keys", box.keys_file, "--redis",
        box.redis_url, "--set", "allow_flush=yes", "--set", "content_dir=" .. folder)
    end
    assert.same({}, run(box.content_dir).failed)
    local found = run(other)
    assert.same({ "all projects are sent what the disk holds" }, found.failed)
    assert.matches("templates/epic was a %u+ and brought another text", acceptance.evidence(found, found.failed[1]))
  end)

  it("says on a deployment what it could not decide, and with what it could", function()
    local box <close> = sandbox.start { tasks = 10, reserve_rate = 0 }
    local words = { "--profile", "quick", "--target", box.url, "--keys", box.keys_file }
    local found = acceptance.run(SCRIPT, table.unpack(words))
    assert.equal(2, found.outcome.status, acceptance.text(found))
    assert.same({ "Redis keeps documents for five minutes", ONCE }, found.undecided)
    assert.matches("%-%-redis URL", found.checks[ONCE].observed)
    table.move({ "--redis", box.redis_url }, 1, 2, #words + 1, words)
    found = acceptance.run(SCRIPT, table.unpack(words))
    assert.equal(2, found.outcome.status, acceptance.text(found))
    assert.matches("%-%-set allow_flush=yes", found.checks[ONCE].observed)
    found = acceptance.run(SCRIPT, "--set", "allow_flush=yes", table.unpack(words))
    assert.equal(0, found.outcome.status, acceptance.text(found))
  end)
end)
