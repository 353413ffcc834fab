--- scale.agree: two witnesses of one fact. Where they do not say the same, one of them is wrong, and so is whatever
--- was concluded from it alone.
local options = require "scalerun.options"

---@class scale.AgreementSide
---@field source string who saw it: "PostgreSQL, table id_reservations"
---@field value any what it saw; nil where it saw nothing
---@field missing string? why it saw nothing, where it did not

---@class scale.Agreement
---@field name string what both saw: "reservations"
---@field a scale.AgreementSide
---@field b scale.AgreementSide
---@field tolerance number|string|nil how far apart they may be: 3 (of the same unit) or "5%" (of the greater value);
---  0 unless told

---@class scale.AgreementFound
---@field verdict "pass"|"fail"|"inconclusive"
---@field observed string
---@field expected string
---@field evidence { text: string, source: string, value: any }[] what each of the two saw

local declaration_fields = { name = "string", a = "table", b = "table", tolerance = "number|string" }
local side_fields = { source = "string", value = "any", missing = "string" }

local agree = {}

-- A tolerance as a number of its own kind: 5 → 5, nil; "5%" → nil, 0.05.
local function tolerance_of(given)
  if given == nil then
    return 0
  end
  local percent = type(given) == "string" and tonumber(given:match("^([%d.]+)%s*%%$"))
  if percent then
    return nil, percent / 100
  elseif type(given) == "number" and given >= 0 then
    return given
  end
  error(("agree: tolerance is a number from 0, or a share such as \"5%%\", not %s"):format(tostring(given)), 3)
end

local function shown(value)
  if math.type(value) == "float" then
    return ("%.6g"):format(value)
  end
  return value == nil and "nothing" or tostring(value)
end

-- "50 by the clients", "nothing by the target's metric (give --replica-urls …)"
local function said(side)
  local why = side.value == nil and side.missing
  return ("%s by %s%s"):format(shown(side.value), side.source, why and (" (%s)"):format(why) or "")
end

local function check_side(name, side)
  options.check("agree: " .. name, side, side_fields, 3)
  if not side.source then
    error(("agree: %s needs a source: who saw it"):format(name), 3)
  end
end

local function within(a, b, absolute, share)
  if type(a) ~= "number" or type(b) ~= "number" then
    return a == b
  end
  return math.abs(a - b) <= (absolute or share * math.max(math.abs(a), math.abs(b)))
end

local function tolerance_text(given)
  return given and ("no more than %s apart"):format(tostring(given)) or "the same"
end

--- What scale.agree is: see there.
---@param given scale.Agreement
---@return scale.AgreementFound
function agree.judge(given)
  options.check("agree", given, declaration_fields)
  for _, key in ipairs { "name", "a", "b" } do
    if given[key] == nil then
      error(("agree: %s is missing: agree { name =, a = { source =, value = }, b = { … } }"):format(key), 2)
    end
  end
  check_side("a", given.a)
  check_side("b", given.b)
  local a, b = given.a, given.b
  local absolute, share = tolerance_of(given.tolerance)
  local verdict
  if a.value == nil or b.value == nil then
    verdict = "inconclusive"
  else
    verdict = within(a.value, b.value, absolute, share) and "pass" or "fail"
  end
  local observed = ("%s: %s, %s"):format(given.name, said(a), said(b))
  return {
    verdict = verdict,
    observed = observed,
    expected = tolerance_text(given.tolerance),
    evidence = {
      { text = ("%s: %s of %s"):format(a.source, shown(a.value), given.name), source = a.source, value = a.value },
      { text = ("%s: %s of %s"):format(b.source, shown(b.value), given.name), source = b.source, value = b.value },
    },
  }
end

return agree
