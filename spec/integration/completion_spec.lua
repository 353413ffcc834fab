-- Completion in zsh, as somebody sees it who presses tab.
local terminal = require "spec.support.terminal"

describe("zsh", function()
  it("completes commands, options, kinds and scripts", function()
    local screen = terminal.start { "zsh", "-f" }
    screen:type("PS1='%% '; fpath=($PWD/completions $fpath); autoload -U compinit; compinit -u -D; clear")
    screen:wait_for("^%%$")
    for typed, completed in pairs {
      ["scalerun che"] = "scalerun check",
      ["scalerun --proj"] = "scalerun %-%-projects",
      ["scalerun --profile qu"] = "scalerun %-%-profile quick",
      ["scalerun report --format mark"] = "scalerun report %-%-format markdown",
      ["scalerun new work"] = "scalerun new workflow",
      ["scalerun -q scripts/scenarios/s1_"] = "scalerun %-q scripts/scenarios/s1_id_reservation.lua",
      ["scalerun sandbox --fau"] = "scalerun sandbox %-%-fault",
    } do
      screen:text(typed)
      screen:press("Tab")
      screen:wait_for("%% " .. completed .. "$")
      screen:press("C-u")
      screen:wait_for("%%$")
    end
    screen:close()
  end)
end)
