-- What the history costs: recording an operation, and judging a million. Run by bench/history.sh, which reads the
-- lines "name|CPU seconds|operations".
local core = require "scalerun.core.history"
local fs = require "scalerun.fs"
local history = require "scalerun.history"

local OPS, PROJECTS = 1000000, 5
local folder = fs.mkdtemp("scalerun-bench-")

local function measure(name, fn)
  local began = os.clock()
  local value = fn()
  print(("%s|%.3f|%d"):format(name, os.clock() - began, OPS))
  return value
end

local markers, parts = {}, {}
for index = 1, PROJECTS do
  markers["project-" .. index] = ("taint-%032x"):format(index)
end

-- Half allocations of two ids, a quarter each writes and reads of artifacts.
local function record(project)
  local number = 0
  for index = 1, OPS // PROJECTS, 4 do
    local at = index * PROJECTS + project
    local began = at * 1000
    for step = 0, 1 do
      local id = at * 2 + step * PROJECTS * 4
      core.record(1, index, "id", "allocate", "US", 2, { ("US-%07d"):format(id), ("US-%07d"):format(id + 1) }, nil, "a",
        1, began, began + 500)
    end
    number = number + 1
    core.record(1, index, "artifact", "write", "EPIC-" .. number % 1000, ("%016x"):format(index), nil, nil, "a", 1,
      began + 600, began + 700)
    core.record(1, index, "artifact", "read", "EPIC-" .. number % 1000, nil, ("%016x"):format(index), nil, "b", 1,
      began + 800, began + 900)
  end
end

measure("recording, texts made by Lua", function()
  for project = 1, PROJECTS do
    record(project)
    parts[project] = { history = core.take(), project = "project-" .. project, phase = "main" }
  end
end)

measure("recording alone, one id", function()
  for _ = 1, OPS do
    core.record(1, 1, "id", "allocate", "US", 1, "US-0000001", nil, "a", 1, 1000, 2000)
  end
  core.take()
end)

measure("recording by project:op", function()
  local me = { user = 1, iteration = 1 }
  for _ = 1, OPS do
    core.op(me, { kind = "id", f = "allocate", key = "US", output = "US-0000001" })
  end
  core.take()
end)

local function judge(seen, prefix)
  local began = os.clock()
  measure(prefix .. "unique ids", function()
    return seen:unique_ids()
  end)
  measure(prefix .. "sequence", function()
    return seen:sequence { first = "US-001", last = "US-9999999" }
  end)
  measure(prefix .. "real-time order", function()
    return seen:real_time_order()
  end)
  measure(prefix .. "foreign markers", function()
    return seen:foreign_markers(markers)
  end)
  measure(prefix .. "read your writes", function()
    return seen:read_your_writes()
  end)
  measure(prefix .. "lost writes", function()
    return seen:lost_writes { kind = "artifact", found = { "EPIC-1" } }
  end)
  measure(prefix .. "timeline", function()
    return seen:timeline { interval = 1 }
  end)
  print(("%sall of these|%.3f|%d"):format(prefix, os.clock() - began, OPS))
end

local seen = history.new(parts)
judge(seen, "")
local _, spilled = seen:lost()

local path = folder .. "/history.jsonl.zst"
measure("writing the file", function()
  local file = assert(core.append(path))
  assert(seen.set:write(file, "S1"))
  assert(file:finish())
end)
local loaded = measure("reading the file", function()
  return history.new(assert(core.read(path)))
end)
assert(loaded:count() == seen:count())
print(("spilled to disk: %.1f MB, file: %.1f MB|0|0"):format(spilled / 1e6, fs.stat(path).size / 1e6))
