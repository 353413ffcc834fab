-- The executor is "per-project-iterations".
-- expect: 8: scale.scenario: no executor is called 'per-project-iteration' (did you mean 'per-project-iterations'?)
local scale = require "scalerun"
local ids = require "scalerun.target.ids"

return scale.scenario {
  id = "M",
  load = { executor = "per-project-iteration", iterations = 10 },
  iteration = function(project)
    project:record("id", ids.reserve(project, "US", 1).ids[1])
  end,
  verify = function(run, seen)
    run:expect("ids are unique"):values(seen.id):unique()
  end,
}
