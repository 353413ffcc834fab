--- The ids of the Task Tracking API: allocating, reserving, confirming.
---
--- Every call takes options: `as` names another project in the request, while the key stays the caller's own;
--- `expected` is a status, several, or "any", that is an answer rather than a failure. The first result is nil when
--- the status is not 200; the last result is always the answer (status, error, body, request).
local recording = require "scalerun.target.recording"
local sequence = require "scalerun.judge.sequence"
local target = require "scalerun.target"

---@class scale.target.ids
local ids = {}

---@class scalerun.IdsOptions
---@field as string?
---@field expected integer|integer[]|"any"|nil

--- Allocates the next id of the type: GET /ids/next.
---@param project scale.Project
---@param kind string "US", "SPEC", …
---@param options scalerun.IdsOptions?
---@return string? id
---@return scalerun.Answer answer
function ids.next(project, kind, options)
  options = options or {}
  local answer = target.call(project, "ids.next", "GET", "/ids/next", {
    query = { type = kind, project = options.as or project.id },
    expected = options.expected,
    history = recording.allocate_next,
    key = kind,
    as = options.as,
  })
  return answer.status == 200 and target.field(answer, "ids.next", "next_id", "string") or nil, answer
end

---@class scalerun.Reservation
---@field ids string[]
---@field reservation_id string
---@field expires_at string

--- Reserves ids in one go: POST /ids/reserve.
---@param project scale.Project
---@param kind string
---@param count integer 1 to 100
---@param options scalerun.IdsOptions?
---@return scalerun.Reservation? reservation
---@return scalerun.Answer answer
function ids.reserve(project, kind, count, options)
  options = options or {}
  local answer = target.call(project, "ids.reserve", "POST", "/ids/reserve", {
    json = { type = kind, count = count, project_id = options.as or project.id },
    expected = options.expected,
    history = recording.allocate,
    key = kind,
    input = count,
    as = options.as,
  })
  if answer.status ~= 200 then
    return nil, answer
  end
  return {
    ids = target.field(answer, "ids.reserve", "reserved_ids", "table"),
    reservation_id = target.field(answer, "ids.reserve", "reservation_id", "string"),
    expires_at = answer.data.expires_at,
  }, answer
end

--- Confirms a reservation: POST /ids/confirm.
---@param project scale.Project
---@param reservation_id string
---@param options scalerun.IdsOptions?
---@return boolean? confirmed
---@return scalerun.Answer answer
function ids.confirm(project, reservation_id, options)
  local answer = target.call(project, "ids.confirm", "POST", "/ids/confirm", {
    json = { reservation_id = reservation_id },
    expected = options and options.expected,
  })
  return answer.status == 200 and target.field(answer, "ids.confirm", "confirmed", "boolean") or nil, answer
end

--- Drops expired reservations: DELETE /ids/reservations/expired.
---@param project scale.Project
---@param options scalerun.IdsOptions?
---@return integer? deleted
---@return scalerun.Answer answer
function ids.drop_expired(project, options)
  local answer = target.call(project, "ids.drop_expired", "DELETE", "/ids/reservations/expired", {
    expected = options and options.expected,
  })
  return answer.status == 200 and target.field(answer, "ids.drop_expired", "deleted_count", "number") or nil, answer
end

--- "US-051" for ("US", 51).
---@param kind string
---@param number integer
---@return string
function ids.format(kind, number)
  return sequence.format(kind, number)
end

return ids
