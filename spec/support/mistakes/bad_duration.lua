-- Durations are "60s" or "1m".
-- expect: 7: scale.scenario: timeout: "60 seconds" is not a duration: write seconds as a number, or "200ms", "1.5s", "2m"
local scale = require "scalerun"
local ids = require "scalerun.target.ids"

return scale.scenario {
  id = "M", timeout = "60 seconds",
  load = { executor = "per-project-iterations", iterations = 10 },
  iteration = function(project)
    project:record("id", ids.reserve(project, "US", 1).ids[1])
  end,
  verify = function(run, seen)
    run:expect("ids are unique"):values(seen.id):unique()
  end,
}
