-- What is found is not judged.
-- expect: 12: verify expects nothing: begin each check with run:expect("name")
local scale = require "scalerun"
local ids = require "scalerun.target.ids"

return scale.scenario {
  id = "M",
  load = { executor = "per-project-iterations", iterations = 10 },
  iteration = function(project)
    project:record("id", ids.reserve(project, "US", 1).ids[1])
  end,
  verify = function(run, seen)
    run:summarize("%d ids", #seen.id)
  end,
}
