// Looks at reports in Chromium: node check_html.mjs REPORT.html...
// For each, a line of JSON: what went wrong and what was seen in each way of looking.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { withBrowser } from "./browser.mjs";

const wide = { width: 1280, height: 900 };
const ways = {
  light: { viewport: wide, colorScheme: "light" },
  dark: { viewport: wide, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", hasTouch: true },
  print: { viewport: { width: 720, height: 1020 }, colorScheme: "light", media: "print" }, // A4 with its margins
};

// In the page.
const survey = () => ({
  title: document.title,
  background: getComputedStyle(document.body).backgroundColor,
  tooWide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  // Tables that are cut off where nobody can scroll.
  cut: [...document.querySelectorAll("table")].filter((one) => one.scrollWidth > one.parentElement.clientWidth + 1).length,
  elements: ["img", "iframe", "object", "embed", "link", "video", "audio"].filter((name) => document.querySelector(name)),
  scripts: document.scripts.length,
  handlers: [...document.querySelectorAll("*")].filter((one) => [...one.attributes].some(({ name }) => /^on/.test(name))).length,
  bytes: document.documentElement.outerHTML.length,
  open: document.querySelectorAll("details[open]").length,
  details: document.querySelectorAll("details").length,
  charts: [...document.querySelectorAll("figure[data-chart]")].map((figure) => ({
    kind: figure.dataset.chart,
    marks: figure.querySelectorAll(".mark").length,
    unnamed: figure.querySelectorAll(".mark:not([aria-label])").length,
    broken: /NaN|Infinity|undefined|nan|inf\b/.test(figure.querySelector("svg.chart").outerHTML.replace(/aria-label="[^"]*"/g, "")),
    rows: figure.querySelectorAll("table tbody tr").length,
  })),
});

// A mark is reached by the keyboard, its number shown, and that of the next; then by the pointer.
const touch = async (page) => {
  const first = page.locator("svg.chart .mark").first();
  const labels = await page.locator("svg.chart").first().locator(".mark").evaluateAll((all) => all.slice(0, 2).map((one) => one.ariaLabel));
  await first.focus();
  const focused = await page.locator("#tip").textContent();
  await page.keyboard.press("ArrowRight");
  const next = await page.locator("#tip").textContent();
  await page.keyboard.press("Escape");
  const hidden = await page.locator("#tip").isHidden();
  await first.hover({ force: true }); // or what lies over it
  const hovered = await page.locator("#tip").textContent();
  return { labels, focused, next, hidden, hovered: await page.locator(".mark").evaluateAll((all, text) => all.some((one) => one.ariaLabel === text), hovered) };
};

const look = async (path, { media, ...options }) =>
  withBrowser(options, async (context) => {
    const url = pathToFileURL(resolve(path)).href;
    const page = await context.newPage();
    const problems = [];
    const requests = [];
    page.on("console", (message) => problems.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("dialog", (dialog) => (problems.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
    page.on("request", (request) => requests.push(request.url()));
    if (media) await page.emulateMedia({ media });
    await page.goto(url);
    if (media) await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    const seen = await page.evaluate(survey);
    const touched = media ? undefined : await touch(page);
    return { problems, requests: requests.filter((one) => one !== url), ...seen, touched };
  });

for (const path of process.argv.slice(2)) {
  const found = {};
  for (const [name, options] of Object.entries(ways)) found[name] = await look(path, options);
  console.log(JSON.stringify(found));
}
