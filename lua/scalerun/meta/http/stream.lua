---@meta scalerun.http.stream
-- Made from lua/scalerun/http/stream.lua by scripts/annotations: change it there.

--- A response whose body is read as it arrives.
---@class scale.http.Stream
---@field status integer
---@field headers table<string, string> by name in any case; repeated ones joined by ", "
local Stream = {}

--- Waits for the next bytes of the body: as many as have come, nil at the body's end. Raises when the body
--- breaks off, and an error of kind "timeout" when nothing came in time; the stream can be read on after that.
---@param timeout number|string? for this read; 30 s
---@return string? bytes
function Stream:read(timeout) end

--- Closes the connection unless the body was read to its end. Safe to call again; `local stream <close> = …`
--- does it when the block ends.
function Stream:close() end

return Stream
