--- Values over time, in columns, bounded: where there are too many, every second one goes, and from then on every
--- second one is not taken.
local tracks = {}

-- Points of one series: 4 a second for an hour and more.
tracks.MOST = 16384

---@class scalerun.Track
---@field name string
---@field unit string?
---@field source string
---@field t number[] seconds of scale.time.now()
---@field v number[]

---@class scalerun.Tracks
local Tracks = {}
Tracks.__index = Tracks

--- @param most integer? points of one series, even: tracks.MOST
---@return scalerun.Tracks
function tracks.new(most)
  return setmetatable({ most = most or tracks.MOST, by_name = {}, list = {} }, Tracks)
end

local function thin(track)
  local kept = 0
  for index = 1, #track.t, 2 do
    kept = kept + 1
    track.t[kept], track.v[kept] = track.t[index], track.v[index]
  end
  for index = #track.t, kept + 1, -1 do
    track.t[index], track.v[index] = nil, nil
  end
  -- The newest went, as `most` is even: the next to take is one old stride after it.
  track.phase = (track.stride + 1) % (track.stride * 2)
  track.stride = track.stride * 2
end

--- @param source string "database"
---@param at number
---@param name string
---@param value number? nil adds nothing
---@param unit string?
function Tracks:add(source, at, name, value, unit)
  if type(value) ~= "number" or value ~= value then
    return
  end
  local track = self.by_name[name]
  if not track then
    track = { name = name, unit = unit, source = source, t = {}, v = {}, stride = 1, phase = 0 }
    self.by_name[name] = track
    self.list[#self.list + 1] = track
  end
  if track.phase == 0 then
    track.t[#track.t + 1], track.v[#track.v + 1] = at, value
  end
  track.phase = (track.phase + 1) % track.stride
  -- A maximum must not go with the points that are dropped.
  track.max, track.min = math.max(track.max or value, value), math.min(track.min or value, value)
  if #track.t >= self.most then
    thin(track)
  end
end

--- All series as plain data.
---@return scalerun.Track[]
function Tracks:columns()
  local list = {}
  for index, track in ipairs(self.list) do
    list[index] = { name = track.name, unit = track.unit, source = track.source, t = track.t, v = track.v,
      max = track.max, min = track.min }
  end
  return list
end

return tracks
