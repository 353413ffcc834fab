-- Run by scripts/manual, in the root of the tree.
local completions = require "scripts.support.completions"
local fs = require "scalerun.fs"

fs.mkdir "man"
fs.mkdir "completions"
fs.write("man/scalerun.1", require("scripts.support.manual_text").page())
fs.write("completions/scalerun.bash", completions.bash())
fs.write("completions/_scalerun", completions.zsh())
