-- A counter that every project has for itself.
-- expect: 10: sets the global 'count': each project would have its own; write `local count`, and pass values out with project:record(name, value)
local scale = require "scalerun"
local ids = require "scalerun.target.ids"

return scale.scenario {
  id = "M",
  load = { executor = "per-project-iterations", iterations = 10 },
  iteration = function(project)
    count = (count or 0) + 1
    project:record("id", ids.reserve(project, "US", 1).ids[1])
  end,
  verify = function(run, seen)
    run:expect("ids are unique"):values(seen.id):unique()
  end,
}
