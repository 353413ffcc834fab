-- The function is `reserve`.
-- expect: 10: ids has no field 'reserv' (did you mean 'reserve'?)
local scale = require "scalerun"
local ids = require "scalerun.target.ids"

return scale.scenario {
  id = "M",
  load = { executor = "per-project-iterations", iterations = 10 },
  iteration = function(project)
    project:record("id", ids.reserv(project, "US", 1).ids[1])
  end,
  verify = function(run, seen)
    run:expect("ids are unique"):values(seen.id):unique()
  end,
}
