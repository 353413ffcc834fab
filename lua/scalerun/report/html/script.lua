--- What makes numbers reachable: a mark shows its label under the pointer and under the keyboard's focus; arrow keys go
--- from mark to mark. Before printing, everything is opened.
local script = {}

script.TEXT = [[
"use strict";
const tip = document.getElementById("tip");
const show = (mark) => {
  const box = mark.getBoundingClientRect();
  tip.textContent = mark.getAttribute("aria-label");
  tip.hidden = false;
  const left = box.left + box.width / 2 - tip.offsetWidth / 2;
  const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  const above = box.top - tip.offsetHeight - 8;
  tip.style.left = Math.max(8, Math.min(left, room)) + scrollX + "px";
  tip.style.top = (above < 4 ? box.bottom + 8 : above) + scrollY + "px";
};
const hide = () => { tip.hidden = true; };
const move = (chart, mark, by) => {
  const marks = [...chart.querySelectorAll(".mark")];
  const to = marks[Math.max(0, Math.min(marks.length - 1, marks.indexOf(mark) + by))];
  mark.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
};
const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -1e9,
  End: 1e9 };
for (const chart of document.querySelectorAll("svg.chart")) {
  chart.querySelectorAll(".mark").forEach((mark, index) => {
    mark.setAttribute("role", "img");
    mark.setAttribute("tabindex", index ? -1 : 0);
  });
  chart.addEventListener("pointerover", (event) => {
    const mark = event.target.closest(".mark");
    if (mark) show(mark); else hide();
  });
  chart.addEventListener("pointerleave", hide);
  chart.addEventListener("focusin", (event) => {
    const mark = event.target.closest(".mark");
    if (mark) show(mark);
  });
  chart.addEventListener("focusout", hide);
  chart.addEventListener("keydown", (event) => {
    const mark = event.target.closest(".mark");
    if (event.key === "Escape") hide();
    if (!mark || !(event.key in steps)) return;
    event.preventDefault();
    move(chart, mark, steps[event.key]);
  });
}
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not([open])")) {
    details.open = true;
    details.dataset.opened = "";
  }
});
addEventListener("afterprint", () => {
  for (const details of document.querySelectorAll("details[data-opened]")) details.open = false;
});
]]

-- Of TEXT, base64: the page's policy runs this script and no other. A spec tells the right one after a change.
script.HASH = "sha256-WBdf1NlaKGDDqHEbHc81x65jKx6BUCD4HFggb3hrGGI="

return script
