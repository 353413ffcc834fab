-- The declaration must be returned.
-- expect: declares a scenario but does not return it: write `return scale.scenario {`
local scale = require "scalerun"
local ids = require "scalerun.target.ids"

scale.scenario {
  id = "M",
  load = { executor = "per-project-iterations", iterations = 10 },
  iteration = function(project)
    project:record("id", ids.reserve(project, "US", 1).ids[1])
  end,
  verify = function(run, seen)
    run:expect("ids are unique"):values(seen.id):unique()
  end,
}
