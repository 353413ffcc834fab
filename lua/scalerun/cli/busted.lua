--- scalerun busted: runs busted inside the current task, so that `it` blocks can wait.
local command = {}

-- busted ends the process by itself; the conductor has to close its state first.
local Exit = {}

--- @param argv string[] busted's own arguments
---@return integer exit_status
function command.run(argv)
  local ok, runner = pcall(require, "busted.runner")
  if not ok then
    io.stderr:write("scalerun: busted is not installed for Lua 5.4 (scripts/bootstrap --test installs it)\n")
    return 1
  end
  local exit = os.exit
  local code = 0
  os.exit = function(status) -- luacheck: ignore 122
    code = status == true and 0 or status == false and 1 or status or 0
    error(Exit, 0)
  end
  _G.arg = table.move(argv, 1, #argv, 1, { [0] = "scalerun busted" })
  local done, err = pcall(runner, { standalone = false })
  os.exit = exit -- luacheck: ignore 122
  io.stdout:flush()
  if not done and err ~= Exit then
    error(err, 0)
  end
  return code
end

return command
