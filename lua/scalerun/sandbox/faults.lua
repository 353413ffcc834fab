--- The defects of the sandbox itself, beside those of its target: `--fault` takes the names of both.
local faults = {}

--- Name, what it does.
faults.list = {
  { name = "skewed_balancer", text = "the balancer sends the first replica four times what each other one gets" },
  { name = "sticky_balancer", text = "the balancer sends all requests of a project to one replica" },
  { name = "blind_balancer", text = "the balancer does not notice that a replica is gone" },
  { name = "slow_balancer", text = "the balancer holds every request for 25 ms" },
}

local own = {}
for _, fault in ipairs(faults.list) do
  own[fault.name] = true
end

--- Parts the faults of the sandbox from those of the target.
---@param given string|string[]|false|nil as the setting `fault`
---@return table<string, boolean> sandbox
---@return string[] target
function faults.split(given)
  local sandbox, target = {}, {}
  for _, name in ipairs(type(given) == "table" and given or { given or nil }) do
    if own[name] then
      sandbox[name] = true
    else
      target[#target + 1] = name
    end
  end
  return sandbox, target
end

return faults
