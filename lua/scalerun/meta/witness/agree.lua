---@meta _
-- Made from lua/scalerun/witness/agree.lua by scripts/annotations: change it there.

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
