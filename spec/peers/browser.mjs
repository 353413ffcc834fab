// Chromium for what looks at reports: started without the network, without a profile, without anything of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const executablePath = process.env.SCALERUN_CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

// Calls work(context) for a browser of its own, and removes all that it left.
export async function withBrowser(options, work) {
  const profile = mkdtempSync(join(tmpdir(), "scalerun-chromium-"));
  let context;
  try {
    context = await chromium.launchPersistentContext(profile, { executablePath, args, headless: true, ...options });
    return await work(context);
  } finally {
    await context?.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
