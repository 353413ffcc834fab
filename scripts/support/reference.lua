-- Run by scripts/reference, in the root of the tree.
local annotations = require "scalerun.help.annotations"
local fs = require "scalerun.fs"
local page = require "scripts.support.reference_page"

fs.write("docs/api.md", page.make(annotations.make(require("spec.support.library").sources("lua"))))
