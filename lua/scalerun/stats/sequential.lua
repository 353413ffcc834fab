--- Deciding on an interval, round after round.
---
--- One look at a 95 % interval errs in 2.5 of 100 cases on either side; a look after each of 7 rounds, stopping at the
--- first that decides, errs in 7.8. So the more looks there may be, the wider the interval that decides: repeated
--- confidence intervals with one nominal confidence for all looks (Jennison and Turnbull, Group Sequential Methods,
--- chapter 9; significance levels as in Pocock, Biometrika 64, 1977), whose values come from simulating Student's t at
--- every look, 20000 times, with the truth right at the limit, where errors are most likely:
---
---     looks after rounds    3…3    3…5    3…6    3…9   3…12   3…20
---     all at 95 %          2.5 %  5.0 %  5.9 %  7.8 %  8.9 %  11.7 %  wrong decisions
---     as here              2.5 %  3.1 %  3.9 %  4.4 %  4.2 %   4.0 %
local sequential = {}

local nominal = {
  { looks = 1, confidence = 0.95 },
  { looks = 4, confidence = 0.97 },
  { looks = 7, confidence = 0.975 },
  { looks = 10, confidence = 0.98 },
  { looks = 18, confidence = 0.986 },
  { looks = math.huge, confidence = 0.99 },
}

--- The confidence that each of so many looks takes, so that all of them together decide wrongly in less than 5 of 100.
---@param looks integer
---@return number
function sequential.confidence(looks)
  local index = 1
  while nominal[index].looks < looks do
    index = index + 1
  end
  return nominal[index].confidence
end

---@alias scale.Decision "pass"|"fail"|"undecided"

--- Pass when the whole interval is below the limit, fail when it is above, else undecided.
---
--- A band beyond the limit is tolerated: a value in it is no failure. "At most +10 %, 5 points of tolerance" fails only
--- when the whole interval is above 15 %, and passes when the whole interval is below 15 %: then the second value says
--- that it took the tolerance, unless the whole interval is below 10 %.
---@param interval { low: number?, high: number? }
---@param limit number
---@param band number? 0 unless told
---@param side "below"|"above"|nil on which side of the limit it must lie: "below" unless told
---@return scale.Decision
---@return boolean? tolerated
function sequential.decide(interval, limit, band, side)
  local low, high = interval.low, interval.high
  if not low or not high then
    return "undecided"
  end
  if side == "above" then
    low, high, limit = -high, -low, -limit
  end
  local last = limit + (band or 0)
  if high < last then
    return "pass", high >= limit
  elseif low > last then
    return "fail"
  end
  return "undecided"
end

return sequential
