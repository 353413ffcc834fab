--- A response whose body is read as it arrives.
---@class scale.http.Stream
---@field status integer
---@field headers table<string, string> by name in any case; repeated ones joined by ", "
---@field package body userdata
local Stream = {}
Stream.__index = Stream
Stream.__name = "scale.http.Stream"

--- What scalerun.core.http.stream came to: a stream, or its failure raised.
---@package
---@param response table?
---@param body userdata the error, where there is no response
---@return scale.http.Stream
function Stream.new(response, body)
  if not response then
    error(body, 0)
  end
  return setmetatable({ status = response.status, headers = response.headers, body = body }, Stream)
end

--- Waits for the next bytes of the body: as many as have come, nil at the body's end. Raises when the body
--- breaks off, and an error of kind "timeout" when nothing came in time; the stream can be read on after that.
---@param timeout number|string? for this read; 30 s
---@return string? bytes
function Stream:read(timeout)
  local bytes, err = self.body:read(timeout)
  if err then
    error(err, 0)
  end
  return bytes
end

--- Closes the connection unless the body was read to its end. Safe to call again; `local stream <close> = …`
--- does it when the block ends.
function Stream:close()
  self.body:close()
end

Stream.__close = Stream.close

return Stream
