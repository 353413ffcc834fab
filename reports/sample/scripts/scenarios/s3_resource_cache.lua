#!/usr/bin/env scalerun
-- S3: the cache of documents. The cache is emptied, then all projects ask for the same documents at one instant, and
-- again in rounds. Each document is read from disk once, however many ask for it at the same time; all others are sent
-- what Redis holds, fast, and the same text to all: that of the file, where this machine can read it. Redis itself
-- shows what is kept, and for how long.
local scale = require "scalerun"
local counting = require "scalerun.target.counting"

-- Small and large ones of every kind.
local DOCUMENTS = scale.const {
  "sdlc/core", "patterns/caching", "patterns/observability", "patterns/security", "templates/epic", "templates/prd",
}
local DISK_LOADS = "mcp_document_disk_loads_total"
local COLD = 3 -- times that the cache is emptied
local ROUNDS = scale.const { quick = 12, full = 200 } -- over all documents, with the cache full, of up to FEW projects
local PAUSE = scale.const { quick = 0.15, full = 0.1 } -- seconds between them
local FEW = 5 -- more projects ask less often each, so that all together do not ask for more
local LEAST = 3 -- rounds all the same
local MISS_LIMIT, HIT_LIMIT = "50ms", "10ms"
local RATE = 0.8 -- of hits
local LIFE = 300 -- seconds that Redis keeps a document
local FRESH = 0.8 -- of its life that a document has left, so soon after it was read

local function ask(project, name, round)
  local began = scale.time.now()
  local response = project.http:get("/mcp/resources/" .. name, { name = "resources.get", expected = 200 })
  local took = scale.time.now() - began
  local document = scale.json.decode(response.body)
  local cache = response.headers["x-cache"]
  if cache == "HIT" or cache == "MISS" then
    scale.metrics.record("document " .. cache:lower(), took)
  end
  project:record("answer", {
    text = ("%s, round %s: %s was a %s"):format(project.id, round, name, cache or "answer without X-Cache"),
    project = project.id,
    name = name,
    round = round,
    cache = cache or "none",
    uri = document.uri,
    whole = document.size_bytes == #document.content,
    hash = scale.hash(document.content),
  })
end

local function all_documents(round, order)
  return function(project)
    for _, name in ipairs(order and order(DOCUMENTS) or DOCUMENTS) do
      ask(project, name, round)
    end
  end
end

-- Takes every document out of Redis, where that is allowed: in the sandbox, or with --set allow_flush=yes.
local function flush(run, data)
  if data.may_flush then
    for _, key in ipairs(run.cache:keys("resource:*")) do
      run.cache:call("DEL", key)
    end
  end
  return data
end

local function cold_phase(number)
  return {
    name = ("cold-%d"):format(number),
    load = { executor = "per-project-iterations", iterations = 1, start = "together" },
    setup = flush,
    iteration = all_documents(("cold-%d"):format(number)),
  }
end

-- How long each document has left in Redis.
local function lives(run)
  local list = {}
  for _, key in ipairs(run.cache:keys("resource:*")) do
    list[#list + 1] = { key = key, ttl = run.cache:call("TTL", key) }
  end
  return list
end

local function of_round(answers, pattern)
  local list = {}
  for _, one in ipairs(answers) do
    list[#list + 1] = one.round:find(pattern) and one or nil
  end
  return list
end

local function count(answers, cache)
  local number = 0
  for _, one in ipairs(answers) do
    number = number + (one.cache == cache and 1 or 0)
  end
  return number
end

local function hit_rate(answers)
  return #answers > 0 and count(answers, "HIT") / #answers or nil
end

-- How often each document was read from disk after the cache had been emptied: { "cold-1 sdlc/core" → 1 }.
local function loads(answers)
  local list, by_key = {}, {}
  for _, one in ipairs(answers) do
    local key = ("%s, %s"):format(one.round, one.name)
    if not by_key[key] then
      by_key[key] = { key = key, misses = 0 }
      list[#list + 1] = by_key[key]
    end
    by_key[key].misses = by_key[key].misses + (one.cache == "MISS" and 1 or 0)
  end
  return list
end

local function not_once(list)
  local wrong = {}
  for _, one in ipairs(list) do
    if one.misses ~= 1 then
      wrong[#wrong + 1] = ("%s: read from disk %d times"):format(one.key, one.misses)
    end
  end
  return wrong
end

-- What the files hold: name → hash, for those that can be read.
local function read_files(run)
  local hashes = {}
  for _, name in ipairs(run.content_dir and DOCUMENTS or {}) do
    local path = ("%s/%s.md"):format(run.content_dir, name)
    hashes[name] = scale.fs.exists(path) and scale.hash(scale.fs.read(path)) or nil
  end
  return hashes
end

-- Answers that are not what was asked for, or not what the disk holds. Where that is not known, who read it first was
-- sent it.
local function wrong_texts(answers, files)
  local source, wrong = {}, {}
  for _, one in ipairs(answers) do
    source[one.name] = source[one.name] or files[one.name] or (one.cache == "MISS" and one.hash) or nil
  end
  for _, one in ipairs(answers) do
    source[one.name] = source[one.name] or one.hash
    if one.hash ~= source[one.name] or one.uri ~= "mcp://resources/" .. one.name or not one.whole then
      wrong[#wrong + 1] = ("%s and brought another text (%s)"):format(one.text, tostring(one.uri))
    end
  end
  return wrong
end

local function cut_short(list)
  local wrong = {}
  for _, one in ipairs(list) do
    if one.ttl > LIFE or one.ttl < FRESH * LIFE then
      wrong[#wrong + 1] = ("%s has %d s left of %d s"):format(one.key, one.ttl, LIFE)
    end
  end
  return wrong
end

-- How often a project asks for all documents while the cache is full, and the seconds between: about as much in all,
-- and for as long, however many projects there are.
local function warm_rounds(project)
  local times = math.max(1, #project.projects / FEW)
  return math.max(LEAST, math.ceil(ROUNDS[project.profile] / times)), PAUSE[project.profile] * times
end

-- What is judged only where the cache could be emptied.
local function judge_cold(run, seen)
  local cold = of_round(seen.answer, "^cold")
  local list = loads(cold)
  local others = #run.projects - 1 -- one of them has to read the disk
  local expected = math.min(RATE, others / #run.projects)
  run:expect("each document is read from disk once"):none(not_once(list), { among = #list, what = "cold documents" })
  -- Of so few reads the median: those of the first round wait for everybody who asks at the same instant.
  run:expect("documents from disk come within 50 ms"):metric(seen.ops["document miss"], "p50"):at_most(MISS_LIMIT)
  if others > 0 then
    run:expect("the first round is served from the cache"):value(hit_rate(cold)):at_least(expected)
  end
  local reads = run.target:during()
  if reads.problem or reads:sum(DISK_LOADS) then -- a metric that the contract does not ask for
    run:expect("clients and target count the same reads from disk"):evidence(counting.agree(run, {
      name = "reads from disk", ok = count(seen.answer, "MISS"), source = "the clients, X-Cache: MISS",
      metric = DISK_LOADS,
    }))
  end
end

return scale.scenario {
  id = "S3",
  title = "Resource cache",
  covers = { "US-064 scenario 3", "US-063" },
  catches = { "cache_off", "cache_stampede", "cache_wrong_content", "slow_hit", "slow_miss", "early_expiry" },
  needs = { "target" },

  setup = function(run)
    local allowed = run.sandbox or run.settings.allow_flush == "yes"
    return { may_flush = run:has("cache") and allowed, files = read_files(run) }
  end,

  phases = {
    cold_phase(1),
    cold_phase(2),
    cold_phase(3),
    {
      name = "warm",
      load = { executor = "per-project-iterations", iterations = 1, start = "together" },
      iteration = function(project)
        local rounds, pause = warm_rounds(project)
        for round = 1, rounds do
          -- Each at a time of its own: together they would measure how they wait for each other.
          scale.time.sleep(pause * (round > 1 and 0.5 or 0) + pause * scale.random.number())
          all_documents(("warm-%d"):format(round), scale.random.shuffle)(project)
        end
      end,
    },
  },

  verify = function(run, seen, data)
    local answers = seen.answer
    local warm, again = of_round(answers, "^warm"), {}
    for _, one in ipairs(warm) do
      again[#again + 1] = one.cache == "MISS" and one or nil
    end
    run:expect("every answer says HIT or MISS"):count(count(answers, "none"), { of = #answers }):equals(0)
    run:expect("documents from the cache come within 10 ms")
      :metric(seen.phases["warm"].ops["document hit"], "p95"):at_most(HIT_LIMIT)
    run:expect("what is in the cache is not read again"):none(again, { among = #warm, what = "answers" })
    run:expect("all projects are sent what the disk holds"):none(wrong_texts(answers, data.files),
      { among = #answers, what = "answers" })
    run:expect("more than 80 % are served from the cache"):value(hit_rate(answers)):at_least(RATE)
    if data.may_flush then
      judge_cold(run, seen)
    elseif not run:undecided("each document is read from disk once", "cache") then
      run:expect("each document is read from disk once"):evidence {
        verdict = "inconclusive",
        observed = "the cache was not emptied: allow it with --set allow_flush=yes",
        expected = "once",
      }
    end
    if not run:undecided("Redis keeps documents for five minutes", "cache") then
      local list = lives(run)
      run:expect("Redis keeps documents for five minutes"):none(cut_short(list), { among = #list, what = "keys" })
    end

    local hit, miss = seen.phases["warm"].ops["document hit"], seen.ops["document miss"]
    run:fact("cache_hit_rate", hit_rate(answers))
    run:summarize("hit rate %.1f %%, %d loads of %d documents after %d flushes, hit p95 %.1f ms",
      100 * (hit_rate(answers) or 0), miss and miss.count or 0, #DOCUMENTS, COLD, 1000 * (hit and hit.p95 or 0))
  end,
}
