--- A run's result with everything that a report can show: scenarios that pass, fail and stay open, each chart's data,
--- the same in every call. What run.execute returns has this form.
local metrics = require "scalerun.core.metrics"
local seen = require "scalerun.run.seen"

local sample = {}

local PROJECTS = { "ai-agent", "alpha", "beta", "gamma", "delta" }

-- Park and Miller's generator: the same sample everywhere.
local function generator(seed)
  local state = seed
  local function uniform()
    state = state * 48271 % 2147483647
    return state / 2147483647
  end
  return {
    uniform = uniform,
    normal = function()
      return math.sqrt(-2 * math.log(uniform())) * math.cos(2 * math.pi * uniform())
    end,
  }
end

local function round(value)
  return math.floor(value + 0.5)
end

-- A project with `count` iterations of some operations, each { median, spread, failures }.
local function project(id, random, count, ops)
  local found = metrics.merge {}
  for _, op in ipairs(ops) do
    for index = 1, count do
      local slow = random.uniform() < 0.01 and 6 or 1
      local duration = op.median * math.exp(op.spread * random.normal()) * slow
      found:record(op.name, duration, op.failures and index <= op.failures and op.kind or nil)
    end
  end
  return { id = id, iterations = count, failed = 0, late = 0, dropped = 0, metrics = found, ops = seen.ops(found) }
end

local function projects_of(seed, count, ops)
  local list = {}
  for index, id in ipairs(PROJECTS) do
    local random = generator(seed + index * 7919)
    local own = {}
    for position, op in ipairs(ops) do
      own[position] = { name = op.name, median = op.median * (1 + index * 0.06), spread = op.spread,
        failures = id == "gamma" and op.failures or nil, kind = op.kind }
    end
    list[index] = project(id, random, count, own)
  end
  return list
end

local function timeline(seed, steps, rate, median)
  local lines = {}
  for index, id in ipairs(PROJECTS) do
    local random = generator(seed + index * 104729)
    local line = { count = {}, failed = {}, p50 = {}, p95 = {}, max = {} }
    for step = 1, steps do
      local swing = 1 + 0.25 * math.sin(step / 5 + index)
      local count = math.max(0, round(rate * swing + random.normal() * 3))
      if id == "delta" and step > 20 and step < 24 then
        count = 0
      end
      line.count[step] = count
      line.failed[step] = id == "gamma" and step >= 30 and step <= 33 and 2 or 0
      local slow = step >= 30 and step <= 34 and 2.4 or 1
      local p50 = median * (2 - swing * 0.6) * (1 + 0.08 * random.normal() ^ 2) * slow
      line.p50[step], line.p95[step], line.max[step] = p50, p50 * 1.9, p50 * (3 + random.uniform())
    end
    lines[id] = line
  end
  return { interval = 1, projects = lines }
end

local function points(count, interval, value)
  local list = {}
  for index = 0, count - 1 do
    list[index + 1] = { index * interval, value(index) }
  end
  return list
end

local function check(name, verdict, observed, expected, evidence)
  return { name = name, verdict = verdict, observed = observed, expected = expected, evidence = evidence or {} }
end

local function scenario(fields)
  fields.path = fields.path or ("scripts/scenarios/%s.lua"):format(fields.id:lower())
  fields.phases = fields.phases or { { name = "main", executor = "per-project-iterations", duration = fields.duration,
    skew = 0.000042 } }
  fields.errors = fields.errors or {}
  fields.generator = fields.generator or { verdict = "valid", findings = {}, iterations = 2000, late = 0, dropped = 0,
    start_skew = 0.000042, gc_longest = 0.0004, loop_longest = 0.0021, cpu_share = 0.31 }
  return fields
end

local makers = {}

function makers.reservation()
  return scenario {
    id = "S1",
    title = "Concurrent ID reservation without collisions",
    covers = { "NFR-Scalability-01", "US-064 scenario 1" },
    verdict = "pass",
    duration = 4.4,
    summary = "500/500 unique, US-001…US-500, serializable 500/500",
    checks = {
      check("all requests succeed", "pass", 500, "exactly 500"),
      check("ids are unique", "pass", "500 different of 500", "500 different"),
      check("ids have no gap", "pass", "US-001…US-500", "US-001…US-500"),
      check("allocation is serializable", "pass", "500 of 500 transactions SERIALIZABLE", "all", {
        { text = "pg_locks showed SIReadLock on id_registry 500 times" },
      }),
    },
    projects = projects_of(11, 100, {
      { name = "iteration", median = 0.0065, spread = 0.3 },
      { name = "ids.reserve", median = 0.0058, spread = 0.32 },
      { name = "http POST", median = 0.0057, spread = 0.32 },
    }),
    facts = { id_collisions = 0 },
  }
end

function makers.isolation()
  local cells = {}
  for reader = 1, #PROJECTS do
    cells[reader] = {}
    for owner = 1, #PROJECTS do
      local leaks = reader == 3 and owner == 2 and 7 or reader == 5 and owner == 2 and 1 or 0
      cells[reader][owner] = { attempts = 40, leaks = leaks }
    end
  end
  local evidence = {}
  for index = 1, 8 do
    local text = "%s read TASK-%04d of alpha: GET /tasks?project=alpha answered it at 12:00:0%d.481, replica b"
    evidence[index] = { text = text:format(index == 8 and "delta" or "beta", 100 + index, index), project = "beta",
      owner = "alpha" }
  end
  return scenario {
    id = "S2",
    title = "Project data isolation",
    covers = { "NFR-Scalability-01", "US-064 scenario 2" },
    verdict = "fail",
    duration = 1.2,
    checks = {
      check("no project sees another's tasks", "fail", "8 leaks over 20 project pairs", "none", evidence),
      check("each project sees its own tasks", "pass", "1000 of 1000 controls held", "all"),
      check("unknown tasks are 404", "pass", "20 × 404", "20 × 404"),
      check("no iteration fails", "fail", "3 of 1000 iterations failed", 0, {
        { text = "project gamma, iteration 17: GET /tasks: 503 Database unavailable", repeated = 3 },
      }),
    },
    projects = projects_of(23, 200, {
      { name = "iteration", median = 0.013, spread = 0.35 },
      { name = "tasks.list", median = 0.0042, spread = 0.4, failures = 3, kind = "http 503" },
      { name = "tasks.next", median = 0.0021, spread = 0.3 },
    }),
    matrices = { { name = "tasks", rows = PROJECTS, columns = PROJECTS, cells = cells } },
    facts = { isolation = "fail" },
  }
end

function makers.cache()
  return scenario {
    id = "S3",
    title = "Resource cache efficiency",
    covers = { "US-064 scenario 3" },
    verdict = "pass",
    duration = 30.9,
    summary = "hit rate 96.7 %, 1 disk load per key, hit p95 0.8 ms",
    checks = {
      check("hit rate", "pass", 0.967, "at least 0.8"),
      check("a cold key is read from disk once", "pass", "16 loads of 16 keys", "16"),
    },
    projects = projects_of(37, 300, {
      { name = "iteration", median = 0.0012, spread = 0.4 },
      { name = "resources.read hit", median = 0.0005, spread = 0.35 },
      { name = "resources.read miss", median = 0.012, spread = 0.5 },
    }),
    series = {
      { name = "cache hits", unit = "", source = "target", points = points(62, 0.5, function(index)
        return round(1450 * (1 - math.exp(-index / 25)))
      end) },
      { name = "cache misses", unit = "", source = "target", points = points(62, 0.5, function(index)
        return math.min(48, index * 4)
      end) },
      { name = "cache memory", unit = "bytes", source = "redis", points = points(62, 0.5, function(index)
        return 1048576 + math.min(16, index) * 42000
      end) },
    },
    facts = { cache_hit_rate = 0.967 },
  }
end

function makers.degradation()
  local random = generator(5)
  local solo, all = {}, {}
  for index = 1, 6 do
    solo[index], all[index] = {}, {}
    for value = 1, 8 do
      solo[index][value] = 2.0 + 0.05 * random.normal()
      all[index][value] = 2.19 + 0.12 * random.normal()
    end
  end
  return scenario {
    id = "S4",
    title = "Performance degradation under five projects",
    covers = { "NFR-Scalability-01", "US-064 scenario 4" },
    verdict = "inconclusive",
    duration = 60.2,
    phases = { { name = "solo and all in turn", executor = "per-project-iterations", duration = 60, skew = 0.00006 } },
    checks = {
      check("the mean stays within 10 %", "inconclusive", "+9.6 % (95 % CI +7.4…+11.9), 6 rounds", "at most +10 %", {
        { text = "the interval lies on both sides of the limit, and the time for more rounds is over" },
      }),
      check("p95 stays within 20 %", "pass", "+13.1 % (95 % CI +9.0…+17.5)", "at most +20 %"),
      check("every round has both arms", "pass", 6, 6),
    },
    projects = projects_of(41, 120, {
      { name = "iteration", median = 2.1, spread = 0.07 },
      { name = "step reserve ids", median = 0.4, spread = 0.2 },
    }),
    steps = {
      { kind = "step", name = "reserve ids", series = { ok = 600, failed = 0, mean = 0.41, p50 = 0.40, p95 = 0.55,
        p99 = 0.6, p999 = 0.7, max = 0.7 }, share = 0.2, taken = 0.19 },
      { kind = "workflow", name = "epic", series = { ok = 600, failed = 0, mean = 2.1, p50 = 2.1, p95 = 2.4, p99 = 2.5,
        p999 = 2.6, max = 2.6 } },
    },
    generator = { verdict = "invalid", iterations = 600, late = 14, dropped = 0, start_skew = 0.00006,
      gc_longest = 0.018, loop_longest = 0.044, cpu_share = 0.93, findings = {
        { name = "loop lag", observed = "44 ms", limit = "20 ms",
          text = "the longest turn of a project's loop took 44 ms (limit 20 ms): the generator was late itself" },
      } },
    timeline = timeline(3, 60, 12, 0.35),
    comparisons = {
      { name = "workflow, mean", unit = "s", statistic = "mean", baseline = { arm = "solo", values = solo },
        load = { arm = "all", values = all }, ratio = 1.096, low = 1.074, high = 1.119, confidence = 0.975,
        limit = 1.10, band = 0.05,
        method = "student t", rounds = 6, verdict = "inconclusive" },
      { name = "workflow, p95", unit = "s", statistic = "p95", baseline = { arm = "solo",
        values = { 2.08, 2.11, 2.09, 2.1, 2.07, 2.12 } }, load = { arm = "all",
        values = { 2.36, 2.4, 2.33, 2.41, 2.35, 2.38 } },
        ratio = 1.131, low = 1.09, high = 1.175, limit = 1.20, method = "student t",
        rounds = 6, verdict = "pass" },
    },
    facts = { degradation = { ratio = 1.096, low = 1.074, high = 1.119, limit = 1.10 } },
  }
end

function makers.pool()
  return scenario {
    id = "S5",
    title = "Connection pool under load",
    covers = { "US-064 scenario 5" },
    verdict = "pass",
    duration = 36.0,
    phases = { { name = "burst", executor = "ramping-arrival-rate", duration = 36, skew = 0.00005, late = 2,
      dropped = 0 } },
    summary = "22 of 30 connections at most, 0 timeouts",
    checks = {
      check("connections stay below the limit", "pass", 22, "at most 25"),
      check("no pool timeout", "pass", 0, 0),
    },
    projects = projects_of(53, 400, {
      { name = "iteration", median = 0.024, spread = 0.45 },
      { name = "tasks.update", median = 0.011, spread = 0.5 },
    }),
    timeline = timeline(9, 36, 55, 0.024),
    series = {
      { name = "connections", unit = "", source = "database", limit = 30, points = points(72, 0.5, function(index)
        return math.max(2, round(14 + 8 * math.sin(index / 9 - 1.2)))
      end) },
      { name = "connections active", unit = "", source = "database", points = points(72, 0.5, function(index)
        return math.max(0, round(9 + 7 * math.sin(index / 9 - 1.2) + 2 * math.sin(index * 1.7)))
      end) },
      { name = "pool used", unit = "", source = "target", limit = 30, points = points(72, 0.5, function(index)
        return math.max(1, round(13 + 8 * math.sin(index / 9 - 1.2)))
      end) },
    },
    facts = { connections = { most = 22, limit = 30 } },
  }
end

function makers.replicas()
  local series = {}
  for index, name in ipairs { "a", "b", "c" } do
    series[index] = { name = "requests " .. name, unit = "", source = "balancer" }
    series[index].points = points(44, 0.5, function(step)
      return round(step * (46 + index))
    end)
  end
  return scenario {
    id = "S7",
    title = "Horizontal scaling over three replicas",
    covers = { "NFR-Scalability-02", "US-064 scenario 7" },
    verdict = "pass",
    duration = 22.0,
    summary = "33.0/33.4/33.6 %, overhead +1.7 %",
    checks = { check("replicas take a third each", "pass", "33.0/33.4/33.6 %, p = 0.71", "p at least 0.01") },
    projects = projects_of(61, 300, {
      { name = "iteration", median = 0.008, spread = 0.3 },
      { name = "tasks.next", median = 0.0035, spread = 0.35 },
    }),
    series = series,
    shares = { { name = "requests", counts = { a = 1980, b = 2004, c = 2016 },
      expected = { a = 2000, b = 2000, c = 2000 }, p = 0.71, verdict = "pass" } },
    facts = { replica_shares = { a = 0.33, b = 0.334, c = 0.336 } },
  }
end

local ORDER = { "reservation", "isolation", "cache", "degradation", "pool", "replicas" }

--- @return table result as of run.execute, with what cli.run adds
function sample.result()
  local scenarios = {}
  for index, name in ipairs(ORDER) do
    scenarios[index] = makers[name]()
  end
  return {
    id = "2026-11-23T12-00-00Z",
    started = "2026-11-23T12:00:00.000Z",
    duration = 156.3,
    version = "0.1.0",
    seed = 42,
    projects = PROJECTS,
    profile = "full",
    command = { "scalerun", "--replicas", "3", "scripts/scenarios" },
    settings = { rounds = "6" },
    target = { kind = "sandbox", url = "http://127.0.0.1:43210", database = "/tmp/scalerun/tasks",
      redis = "127.0.0.1:6379/0", version = "0.1.0", versions = { postgresql = "15.18", redis = "7.0.15" },
      fault = "leak_tasks" },
    verdict = "fail",
    text = "fail: S2",
    exit_status = 1,
    errors = {},
    scenarios = scenarios,
  }
end

--- The same with markup wherever a script may choose a name or a text.
---@return table
function sample.hostile()
  local result = sample.result()
  local evil = [["'><img src=x onerror=alert(1)></script><script>alert(2)</script>]]
  local row = result.scenarios[2]
  row.id, row.title, row.summary, row.path = "S2" .. evil, evil, evil, evil
  row.covers = { evil }
  row.checks[1].name, row.checks[1].observed, row.checks[1].expected = evil, evil, evil
  row.checks[1].evidence = { { text = evil, [evil] = evil } }
  row.errors = { { message = evil, traceback = evil, project = evil } }
  row.matrices[1].name, row.matrices[1].rows = evil, { evil, "alpha", "beta", "gamma", "delta" }
  row.projects[1].ops[evil] = row.projects[1].ops["tasks.list"]
  for _, other in ipairs { result.scenarios[4], result.scenarios[5], result.scenarios[6] } do
    for _, list in ipairs { other.series or {}, other.comparisons or {}, other.shares or {}, other.phases } do
      for _, one in ipairs(list) do
        one.name = evil .. one.name
      end
    end
  end
  result.scenarios[6].shares[1].counts = { [evil] = 3, b = 4 }
  result.scenarios[4].generator.findings[1].text = evil
  result.settings, result.text, result.target.fault = { [evil] = evil }, evil, evil
  return result
end

return sample
