#!/usr/bin/env scalerun
-- S6: artifacts are their project's alone. Every project stores EPIC-001 to EPIC-005 and one that only it has. Each
-- reads back what it stored, is told that there is nothing where only others have something, and lists its own only;
-- no id leads out of a project's folder, however it is written; and who reads while others write sees whole texts.
local scale = require "scalerun"
local framework = require "scalerun.target.framework"
local taint = require "scalerun.taint"

local SHARED = 5 -- artifacts under the same ids in every project
local OWN = scale.const { sandbox = 0, deployment = 900000 } -- ids start after it: nothing real is written over
local REWRITING = scale.const { quick = 1, full = 8 } -- seconds in which one artifact is written and read
local READERS = 3 -- of it, beside the one who writes
local LENGTH = 40000 -- bytes of a rewritten text: more than one write of the system
local PREFIX = "mcp://resources/artifacts/"

local function shared_id(project, number)
  return ("EPIC-%03d"):format(project.data.first + number)
end

-- The one that only this project has.
local function private_id(data, index)
  return ("VIS-%03d"):format(data.first + index)
end

local function text_of(project, id)
  return ("# %s: Isolation probe of %s\n\n%s\n"):format(id, project.id, project.data.markers[project.id])
end

-- Ids that must not lead anywhere: to another project's folder, to a file of the system, or to a crash.
local function hostile_ids(victim, id)
  return {
    "../" .. victim .. "/" .. id,
    "..%2F" .. victim .. "%2F" .. id,
    "%2e%2e/" .. victim .. "/" .. id,
    "%252e%252e%252f" .. victim .. "%252f" .. id,
    "..\\" .. victim .. "\\" .. id,
    "/etc/passwd",
    "../../../../../../etc/passwd",
    id .. "/../../" .. victim .. "/" .. id,
    id .. "%00.md",
    "\u{FF25}PIC-001", -- a full-width E
    "EPIC-\u{0661}\u{0662}\u{0663}", -- digits, but not ASCII's
    "epic-001",
    "EPIC-1",
    ("A"):rep(4096) .. "-001",
  }
end

-- How the target answered, for evidence; refused where it said no by itself.
local function outcome(project, owner, id, ok, answer)
  local kind = ok and "" or answer.kind
  local shown = #id > 60 and ("%s… (%d bytes)"):format(id:sub(1, 20), #id) or id
  return {
    text = ("%s asked for %s (%s's): %s"):format(project.id, shown, owner, ok and "it was sent" or answer.message),
    reader = project.id,
    owner = owner,
    refused = kind == "mcp" or kind == "tool" or kind:find("^http 4") ~= nil,
  }
end

local function read_own(project)
  for number = 1, SHARED do
    local id = shared_id(project, number)
    local ok, text = pcall(framework.artifact, project, id)
    local held = ok and text == text_of(project, id)
    project:record("own", {
      text = ("%s read its own %s: %s"):format(project.id, id, held and "what it had stored"
        or ok and "another text" or text.message),
      held = held,
      reader = project.id,
    })
  end
end

local function read_others(project)
  for index, owner in ipairs(project.projects) do
    local id = private_id(project.data, index)
    local ok, answer = pcall(framework.artifact, project, id)
    if owner == project.id then
      project:record("own", {
        text = ("%s read its own %s: %s"):format(project.id, id, ok and "there" or answer.message),
        held = ok and answer == text_of(project, id),
        reader = project.id,
      })
    else
      project:record("foreign", outcome(project, owner, id, ok, answer))
    end
  end
end

-- Every artifact that the listing names is one that this project stored, once.
local function read_listing(project)
  local mine, times = {}, {}
  for number = 1, SHARED do
    mine[shared_id(project, number)] = true
  end
  mine[private_id(project.data, project.index)] = true
  local before = project.data.listed[project.id] or {}
  for _, resource in ipairs(project.mcp:list_resources()) do
    local id = resource.uri:sub(1, #PREFIX) == PREFIX and resource.uri:sub(#PREFIX + 1)
    if id then
      times[id] = (times[id] or 0) + 1
      project:record("listed", id)
      if times[id] > 1 or not (mine[id] or before[id]) then
        project:record("misplaced", {
          text = ("%s is listed %s, %d times"):format(project.id, id, times[id]),
          reader = project.id,
          id = id,
        })
      end
    end
  end
  for id in pairs(mine) do
    project:record("in_listing", times[id] == 1)
  end
end

local function try_hostile(project)
  local index = project.index % #project.projects + 1
  local victim = project.projects[index]
  for _, id in ipairs(hostile_ids(victim, private_id(project.data, index))) do
    project:record("hostile", outcome(project, victim, id, pcall(framework.artifact, project, id)))
    local ok, answer = pcall(framework.store, project, id, "# Hostile\n")
    project:record("hostile", outcome(project, victim, id, ok, answer))
  end
end

-- A text of which every line says which version it is: half of it is told from the whole.
local function version_text(version)
  local line = ("version %06d\n"):format(version)
  return ("# EPIC: rewritten\n%s"):format(line:rep(LENGTH // #line))
end

local function rewrite(project, id)
  project.data.version = (project.data.version or 0) + 1
  framework.store(project, id, version_text(project.data.version))
  project:record("rewritten", true)
end

local function look(project, id)
  local text = framework.artifact(project, id)
  local version = tonumber(text:match("version (%d+)"))
  project:record("looked", true)
  if text ~= text_of(project, id) and not (version and text == version_text(version)) then
    project:record("torn", ("%s was sent %d bytes of %s that nobody has written"):format(project.id, #text, id))
  end
end

-- What lies on the disk: files that hold another project's marker, or that several projects share.
local function look_at_files(run, data)
  local files, wrong = 0, {}
  for index, project in ipairs(run.projects) do
    local ids = { private_id(data, index) }
    for number = 1, SHARED do
      ids[#ids + 1] = ("EPIC-%03d"):format(data.first + number)
    end
    for _, id in ipairs(ids) do
      local path = ("%s/%s/%s"):format(run.artifacts_dir, project, id)
      files = files + 1
      local text = scale.fs.exists(path) and scale.fs.read(path) or ""
      if not text:find(data.markers[project], 1, true) or #taint.found(text, data.markers, project) > 0 then
        wrong[#wrong + 1] = ("%s/%s %s"):format(project, id, text == "" and "is not there" or "is another project's")
      end
    end
  end
  return { files = files, wrong = wrong }
end

local function broken(controls)
  local list = {}
  for _, one in ipairs(controls) do
    list[#list + 1] = not one.held and one or nil
  end
  return list
end

local function once(name, iteration, setup)
  return {
    name = name,
    load = { executor = "per-project-iterations", iterations = 1, start = "together" },
    setup = setup,
    iteration = function(project)
      taint.watch(project, project.data.markers)
      iteration(project)
    end,
  }
end

return scale.scenario {
  id = "S6",
  title = "Artifact storage isolation",
  covers = { "NFR-Scalability-01", "US-064 scenario 6" },
  catches = {
    "artifact_shared_path", "artifact_cross_read", "artifact_torn_write", "artifact_listing_leak", "path_traversal",
  },
  needs = { "target" },

  setup = function(run)
    local first = run.sandbox and OWN.sandbox or OWN.deployment + scale.random.integer(1, 90000)
    return { markers = taint.markers(run.projects), first = first, listed = {} } -- listed: what was there before
  end,

  phases = {
    once("before", function(project)
      for _, resource in ipairs(project.mcp:list_resources()) do
        if resource.uri:sub(1, #PREFIX) == PREFIX then
          project:record("was_listed", { project = project.id, id = resource.uri:sub(#PREFIX + 1) })
        end
      end
    end),
    once("store", function(project)
      for number = 1, SHARED do
        local id = shared_id(project, number)
        framework.store(project, id, text_of(project, id))
      end
      local id = private_id(project.data, project.index)
      framework.store(project, id, text_of(project, id))
    end, function(run, data, seen)
      for _, project in ipairs(run.projects) do
        data.listed[project] = {}
      end
      for _, one in ipairs(seen.was_listed) do
        data.listed[one.project][one.id] = true
      end
      return data
    end),
    once("read", function(project)
      read_own(project)
      read_others(project)
      read_listing(project)
      try_hostile(project)
    end, function(run, data)
      data.disk = run.artifacts_dir and look_at_files(run, data) or nil
      return data
    end),
    {
      name = "rewrite",
      load = { executor = "per-project-iterations", users = 1 + READERS, iterations = 1 + READERS, start = "together" },
      iteration = function(project)
        local ends = scale.time.now() + REWRITING[project.profile]
        repeat
          (project.iteration == 1 and rewrite or look)(project, shared_id(project, 1))
        until scale.time.now() > ends
      end,
    },
  },

  verify = function(run, seen, data)
    run:expect("every project reads what it stored"):none(broken(seen.own), { among = #seen.own, what = "reads" })
    run:expect("artifacts that only others have are not there")
      :refused { attempt = seen.foreign, control = seen.own }
    run:expect("listings show own artifacts only"):none(seen.misplaced, { among = #seen.listed, what = "entries",
      control = #seen.in_listing })
    run:expect("listings show all own artifacts"):values(seen.in_listing):all_equal(true)
    run:expect("no id leads out of the project"):refused { attempt = seen.hostile, control = seen.own }
    run:expect("no marker reaches another project")
      :none(seen.leak, { among = #seen.scanned, what = "answers", control = #seen.taint_control })
    run:expect("texts are never seen half-written"):none(seen.torn, { among = #seen.looked, what = "reads",
      control = #seen.rewritten })
    if data.disk then
      run:expect("every file lies in its project's folder")
        :none(data.disk.wrong, { among = data.disk.files, what = "files" })
    end

    local probes = scale.matrix(run.projects)
    for _, one in ipairs(seen.foreign) do
      probes:count(one.reader, one.owner, one.refused and 0 or 1)
    end
    run:matrix("reads of others' artifacts", probes)
    run:fact("isolation", #seen.leak + #seen.misplaced == 0 and "pass" or "fail")
    run:summarize("%d artifacts, 0 path collisions, %d × 404, %d hostile ids refused", #run.projects * (SHARED + 1),
      #seen.foreign, #seen.hostile)
  end,
}
