-- The matcher is `unique`.
-- expect: 13: run:expect(…):values(…) has no field 'uniqe' (did you mean 'unique'?)
local scale = require "scalerun"
local ids = require "scalerun.target.ids"

return scale.scenario {
  id = "M",
  load = { executor = "per-project-iterations", iterations = 10 },
  iteration = function(project)
    project:record("id", ids.reserve(project, "US", 1).ids[1])
  end,
  verify = function(run, seen)
    run:expect("ids are unique"):values(seen.id):uniqe()
  end,
}
