// A run appears while it trains, takes orders from the page, and ends up in the comparison.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { check, run } from "./harness.mjs";

const endless = ["--data", "make_moons:n_samples=500", "--model", "mlp", "--steps", "100000000", "--threads", "1", "--lr", "0.001"];

await run(async ({ dir, open, shot, train, url }) => {
  const history = (name) => readFileSync(join(dir, name, "history.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const page = await open();
  await page.getByText("No runs in this folder yet").waitFor();

  const out = join(dir, "first");
  const training = train(...endless, "--out", out);
  await page.getByRole("link", { name: "first" }).waitFor();
  await page.locator(".flush tr", { hasText: "first" }).getByText("running").waitFor();
  await page.locator(".chart canvas").waitFor();

  await page.getByRole("link", { name: "first" }).click();
  const step = async () => Number((await page.locator(".progressline").innerText()).replace(/\D*([\d,]+).*/s, "$1").replaceAll(",", ""));
  await page.waitForFunction(() => /Step [1-9]/.test(document.querySelector(".progressline")?.textContent ?? ""));
  const before = await step();
  await page.waitForTimeout(1000);
  check((await step()) > before, "the step's number rises while the run trains");

  await page.getByRole("spinbutton", { name: "Learning rate" }).fill("0.0005");
  await page.getByRole("button", { name: "Set" }).click();
  await page.getByText("learning rate set to 0.0005").waitFor();
  await page.locator(".tiles div", { hasText: "Learning rate" }).getByText("5.00e-4").waitFor();

  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator(".badge.paused").waitFor();
  const paused = await step();
  await page.waitForTimeout(700);
  check((await step()) === paused, "a paused run stands still");
  await page.getByRole("button", { name: "Resume" }).click();
  await page.locator(".badge.running").waitFor();

  page.once("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: "Stop" }).click();
  await page.locator(".badge.stopped").waitFor();
  if (training.exitCode === null) await new Promise((resolve) => training.once("exit", resolve));
  const orders = history("first").filter((line) => line.type === "order").map((line) => line.order);
  check(orders.join() === "lr,pause,resume,stop", `the orders in history.jsonl, but: ${orders}`);
  check(await page.getByRole("button", { name: "Pause" }).isDisabled(), "nothing can be ordered of a run that stopped");

  // The numbers in the table are those of the run.
  const second = train("--data", "make_moons:n_samples=200,test=0.5", "--model", "mlp", "--epochs", "5", "--val-split", "0.2", "--optimizer", "sgd", "--out", join(dir, "second"));
  await new Promise((resolve) => second.once("exit", resolve));
  await page.getByRole("link", { name: "All runs" }).click();
  await page.locator(".flush tr", { hasText: "second" }).getByText("finished").waitFor();
  const end = history("second").at(-1);
  const row = await page.locator(".flush tr", { hasText: "second" }).first().innerText();
  check(row.includes(`${(100 * end.test.accuracy).toFixed(2)} %`), `the test accuracy in the table: ${row}`);

  await page.getByLabel("Filter").fill("optimizer=sgd");
  check((await page.locator(".flush tbody tr").count()) === 1, "the filter leaves the one run that matches");
  await page.getByLabel("Filter").fill("no such run");
  await page.getByText("No run matches the filter.").waitFor();
  await page.getByLabel("Filter").fill("");
  await page.getByLabel("Show second in the chart").check();
  await page.getByText("Settings side by side").waitFor();
  await page.locator(".settings tr", { hasText: "optimizer" }).getByText("sgd").waitFor();

  // The report, in a frame that cannot reach the page around it.
  await page.getByRole("link", { name: "second", exact: true }).click();
  await page.getByText("Report", { exact: true }).click();
  const frame = page.frameLocator("iframe[title='Report of second']");
  await frame.getByRole("heading", { name: "Summary" }).waitFor();
  const accuracy = `${(100 * end.test.accuracy).toFixed(2)} %`;
  check((await frame.locator("#summary").innerText()).includes(accuracy), "the report tells the run's test accuracy");
  const reached = await frame.locator("body").evaluate(() => {
    try {
      return parent.document.title !== undefined;
    } catch {
      return false;
    }
  });
  check(!reached, "the frame's code cannot read the page");
  await shot(page, "run-with-report");
  await page.getByRole("link", { name: "All runs" }).click();

  // Both languages, the keyboard, a phone's width.
  await page.getByLabel("Language").selectOption("zh");
  await page.getByRole("heading", { name: "训练" }).waitFor();
  check((await page.locator("html").getAttribute("lang")) === "zh-CN", "the page says that it is Chinese");
  await shot(page, "runs-zh");
  await page.getByLabel("语言").selectOption("en");
  const phone = await open("#/runs", { viewport: { width: 400, height: 800 }, colorScheme: "dark" });
  await phone.getByRole("link", { name: "second" }).focus();
  await phone.keyboard.press("Enter");
  await phone.getByRole("heading", { name: "second" }).waitFor();
  await phone.locator(".tiles").waitFor();
  const overflow = await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  check(overflow <= 0, `nothing is wider than a phone, but by ${overflow} pixels`);
  check((await phone.locator("html").getAttribute("data-theme")) === "dark", "dark where the system is");

  // What goes wrong is told in the page's language, in English as the terminal tells it.
  const third = train("--data", "make_moons", "--model", "mlp", "--epochs", "9", "--lr", "1e30", "--optimizer", "sgd", "--batch-size", "full", "--out", join(dir, "third"));
  await new Promise((resolve) => third.once("exit", resolve));
  // The board looks for new runs once a second.
  while (!(await (await fetch(`${url}api/runs`)).json()).runs.some((run) => run.name === "third")) await new Promise((resolve) => setTimeout(resolve, 100));
  const finding = history("third").find((line) => line.rule === "not_finite");
  const broken = await open("#/run/third");
  await broken.locator(".finding", { hasText: finding.evidence }).waitFor();
  await broken.getByText(`diverged: ${history("third").at(-1).what}`).waitFor();
  await broken.getByLabel("Language").selectOption("zh");
  const chinese = broken.locator(".finding", { hasText: `第 ${finding.values.step} 步出现非有限数` });
  await chinese.waitFor();
  check((await chinese.innerText()).includes(finding.values.node), "the Chinese finding names the node");
  await shot(broken, "findings-zh");

  // Another site's page is told nothing.
  const answer = await fetch(`${url}api/runs`, { headers: { Origin: "http://evil.example" } });
  check(answer.status === 403, "a foreign Origin is refused");
});
