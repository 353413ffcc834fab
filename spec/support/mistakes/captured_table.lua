-- Each project would fill a table of its own.
-- expect: 9: scale.scenario: iteration uses 'collected', a table of the file. Each project has its own copy of it, so that what is put there stays in one project: pass values out with project:record(name, value), take them in from project.data, or make it scale.const{…} if it never changes
local scale = require "scalerun"
local ids = require "scalerun.target.ids"
local collected = {}
return scale.scenario {
  id = "M",
  load = { executor = "per-project-iterations", iterations = 10 },
  iteration = function(project)
    collected[#collected + 1] = ids.reserve(project, "US", 1).ids[1]
  end,
  verify = function(run, seen)
    run:expect("ids are unique"):values(seen.id):unique()
  end,
}
