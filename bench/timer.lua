-- A task that wakes every millisecond for BENCH_SECONDS seconds, by absolute instants, and notes how late it was.
-- Prints the lateness in microseconds: median, 99th percentile, maximum; then CPU microseconds a tick.
local scale = require "scalerun"

local period = 1000000
local spin = assert(os.getenv "BENCH_SPIN", "BENCH_SPIN is not set: scripts/bench starts this script")
local ticks = tonumber(os.getenv "BENCH_SECONDS") * 1000000000 // period
local late = {}
local cpu = os.clock()
local due = scale.time.now_ns() + period
for index = 1, ticks do
  scale.time.sleep_until(due / 1e9, spin)
  local now = scale.time.now_ns()
  late[index] = now - due
  due = due + period
end
cpu = os.clock() - cpu
table.sort(late)
print(
  ("%.1f %.1f %.1f %.1f"):format(
    late[(ticks + 1) // 2] / 1000,
    late[math.ceil(ticks * 0.99)] / 1000,
    late[ticks] / 1000,
    cpu * 1e6 / ticks
  )
)
