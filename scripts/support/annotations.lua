-- Run by scripts/annotations, in the root of the tree: writes lua/scalerun/meta.
local fs = require "scalerun.fs"
local made = require("scalerun.help.annotations").make(require("spec.support.library").sources("lua"))

fs.remove("lua/scalerun/meta")
for path, text in pairs(made) do
  local file = "lua/" .. path
  fs.mkdir((file:match("^(.*)/")))
  fs.write(file, text)
end
