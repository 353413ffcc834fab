--- What is right about the target's MCP side: one check for each of its faults, which breaks it. A check gets
--- the sandbox and a client for each of the projects alpha and beta, and is true when all is well.
local scale = require "scalerun"
local target_client = require "spec.support.target_client"
local target_mcp = require "spec.support.target_mcp"
local call, read = target_mcp.call, target_mcp.read

local PATTERN = "/mcp/resources/patterns/caching"
local SLOW = 0.03 -- what slow_hit adds

-- Drops the document from the cache.
local function make_cold(box)
  local connection <close> = scale.redis.connect(box.redis_url)
  connection:call("DEL", "resource:patterns:caching")
end

local checks = {}

function checks.mcp_reply_mixup(_, alpha, beta)
  for round = 1, 3 do
    local paths = target_client.together(2, function(index)
      local result = call(index == 1 and alpha or beta, "resolve_artifact_path", { artifact_id = "US-001" }, round)
      return result.structuredContent.path
    end)
    if paths[1]:find("/beta/", 1, true) or paths[2]:find("/alpha/", 1, true) then
      return false
    end
  end
  return true
end

function checks.cache_off(_, alpha)
  alpha:get(PATTERN)
  return alpha:get(PATTERN).headers["x-cache"] == "HIT"
end

function checks.cache_stampede(box, alpha, beta)
  local name = 'mcp_resource_disk_loads_total{resource_type="patterns"}'
  make_cold(box)
  local before = target_mcp.metric(alpha, name)
  target_client.together(10, function(index)
    return (index % 2 == 0 and alpha or beta):get(PATTERN).status
  end)
  return target_mcp.metric(alpha, name) - before == 1
end

function checks.cache_wrong_content(_, alpha)
  local wrong = 0
  for _ = 1, 12 do
    local text = alpha:get(PATTERN):json().content
    wrong = wrong + (text:find("^# Pattern: Caching\n") and 0 or 1)
  end
  return wrong == 0
end

-- The one fault that is a time: a hit that is not slowed down is faster than the pause at least once in ten.
function checks.slow_hit(_, alpha)
  local fastest = math.huge
  alpha:get(PATTERN) -- a miss is not slowed down
  for _ = 1, 10 do
    local begun = scale.time.now()
    alpha:get(PATTERN)
    fastest = math.min(fastest, scale.time.now() - begun)
  end
  return fastest < SLOW
end

function checks.artifact_shared_path(_, alpha, beta)
  call(alpha, "store_artifact", { artifact_id = "US-001", content = "alpha's" })
  call(beta, "store_artifact", { artifact_id = "US-001", content = "beta's" })
  return read(alpha, "mcp://resources/artifacts/US-001") == "alpha's"
    and read(beta, "mcp://resources/artifacts/US-001") == "beta's"
end

function checks.artifact_cross_read(_, alpha, beta)
  call(alpha, "store_artifact", { artifact_id = "PRD-001", content = "alpha's" })
  local text, err = read(beta, "mcp://resources/artifacts/PRD-001")
  return text == nil and err.code == -32002
end

function checks.artifact_torn_write(_, alpha)
  local versions = { ("a"):rep(20000), ("b"):rep(20000) }
  local whole = true
  call(alpha, "store_artifact", { artifact_id = "SPEC-001", content = versions[1] })
  local writing = true
  scale.task.all {
    function()
      for round = 1, 4 do
        call(alpha, "store_artifact", { artifact_id = "SPEC-001", content = versions[round % 2 + 1] })
      end
      writing = false
    end,
    function()
      repeat
        local text = read(alpha, "mcp://resources/artifacts/SPEC-001")
        whole = whole and (text == versions[1] or text == versions[2])
      until not writing
    end,
  }
  return whole
end

function checks.queue_shared(_, alpha, beta)
  local first = call(alpha, "get_next_task").structuredContent.task
  local second = call(beta, "get_next_task").structuredContent.task
  return first.project_id == "alpha" and second.project_id == "beta"
end

return checks
