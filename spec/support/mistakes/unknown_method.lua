-- The method is `record`.
-- expect: 10: project has no field 'recrod' (did you mean 'record'?)
local scale = require "scalerun"
local ids = require "scalerun.target.ids"

return scale.scenario {
  id = "M",
  load = { executor = "per-project-iterations", iterations = 10 },
  iteration = function(project)
    project:recrod("id", ids.reserve(project, "US", 1).ids[1])
  end,
  verify = function(run, seen)
    run:expect("ids are unique"):values(seen.id):unique()
  end,
}
