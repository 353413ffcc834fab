--- Makes functions of what is typed.
local chunk = {}

--- The function of a text: an expression, whose values it returns, or statements.
---@param text string
---@param env table its globals
---@return function? fn
---@return string? problem nil where the text only lacks its end
function chunk.compile(text, env)
  local fn = load("return " .. text, "=repl", "t", env)
  if fn then
    return fn
  end
  local problem
  fn, problem = load(text, "=repl", "t", env)
  if fn then
    return fn
  end
  return nil, not problem:find("<eof>'?$") and problem or nil
end

return chunk
