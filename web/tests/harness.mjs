// node NAME_test.mjs GRADUS [SCREENSHOTS]: with a folder for pictures, each test leaves what its pages looked like at
// the end, and at each shot(), in SCREENSHOTS/NAME.
// Starts a board over a folder of its own and a browser; collects what the page complains about.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { chromium } from "playwright-core";
import { check } from "./checks.mjs";

export const skipped = 77;
const browsers = [process.env.CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export { check };

// Runs `test({ dir, url, open, train, shot })` and exits: 0, 1, or `skipped` where there is no browser.
export async function run(test) {
  const executablePath = browsers.find((path) => path !== "" && existsSync(path));
  if (!executablePath) {
    console.log("skipped: chromium was not found (apt-get install chromium)");
    process.exit(skipped);
  }
  const gradus = process.argv[2];
  const dir = mkdtempSync(join(tmpdir(), "gradus-board-"));
  const children = [];
  const start = (...words) => {
    const child = spawn(gradus, words, { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    return child;
  };
  const pictures = process.argv[3] ? join(process.argv[3], basename(process.argv[1], "_test.mjs")) : "";
  if (pictures) rmSync(pictures, { recursive: true, force: true });
  if (pictures) mkdirSync(pictures, { recursive: true });
  const shot = async (page, name) => {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  };
  const pages = [];
  const problems = [];
  let browser;
  let status = 0;
  try {
    const board = start("board", dir, "--port", "0", "--json", "--quiet");
    const line = await new Promise((resolve) => board.stdout.once("data", (data) => resolve(String(data))));
    const { url } = JSON.parse(line);
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    const open = async (hash = "", options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en", ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      page.on("console", (message) => { if (message.type() === "error") problems.push(message.text() + " " + message.location().url); });
      page.on("pageerror", (error) => problems.push(String(error)));
      pages.push(page);
      await page.goto(url + hash);
      return page;
    };
    await test({ dir, url, open, shot, train: (...words) => start("train", "--quiet", ...words) });
    check(problems.length === 0, `no errors in the console, but: ${problems.join("; ")}`);
    console.log("ok");
  } catch (error) {
    console.error(error);
    status = 1;
  } finally {
    for (const [i, page] of pages.entries()) await shot(page, status === 0 ? `end-${i + 1}` : `failed-${i + 1}`).catch(() => undefined);
    await browser?.close();
    for (const child of children) child.kill();
    await Promise.all(children.map((child) => (child.exitCode === null && child.signalCode === null ? new Promise((resolve) => child.once("exit", resolve)) : null)));
    rmSync(dir, { recursive: true, force: true });
  }
  process.exit(status);
}
