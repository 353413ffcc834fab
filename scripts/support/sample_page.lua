-- Run by scripts/screenshots, in the root of the tree: prints the page of the specs' sample run.
local report = require "scalerun.report.json"
local sample = require "spec.support.sample_result"

local function as_it_is(text)
  return text
end

io.stdout:write(require("scalerun.report.html").make(assert(report.decode(report.encode(sample.result(), as_it_is)))))
