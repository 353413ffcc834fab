// Pictures of a report: node screenshots.mjs REPORT.html FOLDER
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { withBrowser } from "./browser.mjs";

const [report, folder] = process.argv.slice(2);
const url = pathToFileURL(resolve(report)).href;
const wide = { width: 1280, height: 860 };
const phone = { width: 390, height: 844 };

const shots = [
  { name: "report", viewport: wide, colorScheme: "light" },
  { name: "report-dark", viewport: wide, colorScheme: "dark" },
  { name: "report-scenario", viewport: { width: 1280, height: 1000 }, colorScheme: "light", at: "S4" },
  { name: "report-phone", viewport: phone, colorScheme: "light", deviceScaleFactor: 2 },
];

for (const { name, at, ...options } of shots) {
  await withBrowser(options, async (context) => {
    const page = await context.newPage();
    await page.goto(url);
    if (at) { // a scenario's id
      const link = page.locator(".scenarios a", { has: page.getByText(at, { exact: true }) });
      await page.goto(url + (await link.getAttribute("href")));
    }
    await page.screenshot({ path: join(folder, name + ".png") });
  });
}
