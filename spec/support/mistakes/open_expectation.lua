-- It says what is looked at, not what must hold.
-- expect: 13: expect("ids are unique") does not say what must hold: go on with :count(n):equals(…), :values(list):unique() and so on
local scale = require "scalerun"
local ids = require "scalerun.target.ids"

return scale.scenario {
  id = "M",
  load = { executor = "per-project-iterations", iterations = 10 },
  iteration = function(project)
    project:record("id", ids.reserve(project, "US", 1).ids[1])
  end,
  verify = function(run, seen)
    run:expect("ids are unique"):values(seen.id)
  end,
}
