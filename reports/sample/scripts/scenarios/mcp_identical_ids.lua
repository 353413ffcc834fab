#!/usr/bin/env scalerun
-- M1: a JSON-RPC id is unique in its own session only. All projects send requests with one and the same id at one
-- instant, again and again, and each must get its own answer. What a request asks for names its project, so that
-- every answer shows whose it is.
local scale = require "scalerun"
local taint = require "scalerun.taint"

local ROUNDS = 8 -- of each kind of request
local SAME_ID = 7
local PERIOD = 0.05 -- seconds between two instants at which all send

-- One kind of request after the other: what it asks for, and what the text of its own answer must hold.
local kinds = {}

function kinds.tool(project, given)
  local result = project.mcp:call_tool("resolve_artifact_path", { artifact_id = project.data.artifacts[project.id] },
    given)
  return scale.mcp.text(result), project.data.artifacts[project.id]
end

function kinds.prompt(project, given)
  local marker = project.data.markers[project.id]
  return scale.mcp.text(project.mcp:get_prompt("generator/adr", { focus = marker }, given)), marker
end

function kinds.resource(project, given)
  local uri = "mcp://resources/artifacts/" .. project.data.artifacts[project.id]
  return scale.mcp.text(project.mcp:read_resource(uri, given)), project.data.markers[project.id]
end

-- Projects share nothing but the clock: all send when it comes to the next multiple of the period.
local function next_instant()
  scale.time.sleep_until((scale.time.now() // PERIOD + 1) * PERIOD)
end

local function ask(project, name)
  next_instant()
  local sent = scale.time.now()
  local ok, text, expected = pcall(kinds[name], project, { id = SAME_ID })
  project:record("call", { project = project.id, sent = sent, answered = scale.time.now() })
  if not ok and text.kind ~= "mcp" and text.kind ~= "protocol" then
    error(text, 0)
  end
  -- Somebody else's answer may be of another kind, or an error.
  local own = ok and text:find(expected, 1, true) ~= nil
  project:record("answer", own and "its own" or ("%s asked for its %s and was sent: %s"):format(project.id, name,
    tostring(text):gsub("%s+", " "):sub(1, 120)))
end

-- How many projects had a request in flight while another project had one: without any, nothing was shown.
local function overlapping(calls)
  local together, count = {}, 0
  table.sort(calls, function(a, b)
    return a.sent < b.sent
  end)
  for index, call in ipairs(calls) do
    for other = index + 1, #calls do
      if calls[other].sent >= call.answered then
        break
      elseif calls[other].project ~= call.project then
        for _, project in ipairs { call.project, calls[other].project } do
          count = count + (together[project] and 0 or 1)
          together[project] = true
        end
      end
    end
  end
  return count
end

return scale.scenario {
  id = "M1",
  title = "Identical JSON-RPC ids",
  covers = { "NFR-Scalability-01" },
  catches = { "mcp_reply_mixup" },
  needs = { "target" },

  setup = function(run)
    local artifacts = {}
    for index, project in ipairs(run.projects) do
      -- Ids that nobody else uses, since artifacts cannot be taken away again.
      artifacts[project] = ("PROBE-%d%04d"):format(tonumber(scale.random.token(5), 16), index)
    end
    return { markers = taint.markers(run.projects), artifacts = artifacts }
  end,

  phases = {
    {
      name = "store", -- every project has an artifact with its marker
      load = { executor = "per-project-iterations", iterations = 1, start = "together" },
      iteration = function(project)
        project.mcp:call_tool("store_artifact", {
          artifact_id = project.data.artifacts[project.id],
          content = "# Whose is this? " .. project.data.markers[project.id],
        })
      end,
    },
    {
      name = "ask", -- one id, all projects, one instant
      load = { executor = "per-project-iterations", iterations = ROUNDS, start = "together" },
      iteration = function(project)
        taint.watch(project, project.data.markers)
        ask(project, "tool")
        ask(project, "prompt")
        ask(project, "resource")
      end,
    },
  },

  verify = function(run, seen)
    local together = overlapping(seen.call)
    run:expect("all projects ask at the same time"):evidence {
      verdict = #run.projects > 1 and together == #run.projects and "pass" or "inconclusive",
      observed = ("%d of %d projects asked while another did"):format(together, #run.projects),
      expected = #run.projects > 1 and "all of them" or "at least two projects",
    }
    run:expect("all get their answer"):count(#seen.answer):equals(#run.projects * ROUNDS * 3)
    run:expect("every answer is the asker's own"):values(seen.answer):all_equal("its own")
    run:expect("no marker reaches another project")
      :none(seen.leak, { among = #seen.scanned, what = "answers", control = #seen.taint_control })

    run:summarize("%d answers to one id from %d projects, each its own", #seen.answer, #run.projects)
  end,
}
