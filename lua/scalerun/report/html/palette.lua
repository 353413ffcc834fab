--- How projects are told apart: by colour (after Okabe and Ito, for all kinds of colour vision), by dash and by the
--- shape of marks, so that any one of them is enough.
local h = require("scalerun.report.html.markup").element

local palette = {}

palette.COLOURS = 7
local DASHES = { false, "6 3", "2 2.5", "9 3 2 3", "1 4" }
local SHAPES = 5

--- The look of the index-th project.
---@param index integer
---@return { class: string, dash: string|false, shape: integer }
function palette.look(index)
  return {
    class = "c" .. ((index - 1) % palette.COLOURS + 1),
    dash = DASHES[((index - 1) + (index - 1) // palette.COLOURS) % #DASHES + 1],
    shape = (index - 1) % SHAPES + 1,
  }
end

local shapes = {
  function(x, y, r)
    return ("M%.1f %.1fa%.1f %.1f 0 1 0 %.1f 0a%.1f %.1f 0 1 0 %.1f 0z"):format(x - r, y, r, r, 2 * r, r, r, -2 * r)
  end,
  function(x, y, r)
    return ("M%.1f %.1fh%.1fv%.1fh%.1fz"):format(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8, -r * 1.8)
  end,
  function(x, y, r)
    return ("M%.1f %.1fl%.1f %.1fh%.1fz"):format(x, y - r * 1.15, r * 1.1, r * 2, -r * 2.2)
  end,
  function(x, y, r)
    local side = r * 1.25
    return ("M%.1f %.1fl%.1f %.1fl%.1f %.1fl%.1f %.1fz"):format(x, y - side, side, side, -side, side, -side, -side)
  end,
  function(x, y, r)
    return ("M%.1f %.1fl%.1f %.1fh%.1fz"):format(x, y + r * 1.15, r * 1.1, -r * 2, -r * 2.2)
  end,
}

--- The outline of a mark around a point.
---@return string path data
function palette.shape(look, x, y, radius)
  return shapes[look.shape](x, y, radius or 3.2)
end

--- A line with its mark and name.
---@param names string[]
---@return table
function palette.legend(names)
  local items = {}
  for index, name in ipairs(names) do
    local look = palette.look(index)
    items[index] = h("li", { class = look.class },
      h("svg", { viewBox = "0 0 34 12", width = 34, height = 12, ["aria-hidden"] = "true" },
        h("path", { class = "line", d = "M1 6H33", ["stroke-dasharray"] = look.dash }),
        h("path", { class = "dot", d = palette.shape(look, 17, 6, 3.6) })),
      name)
  end
  return h("ul", { class = "legend", ["aria-label"] = "Projects" }, items)
end

return palette
