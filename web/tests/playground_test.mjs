// The playground separates a spiral; what it shows inside a step is what the engine computes.
import { check, run } from "./harness.mjs";

const mostSteps = 20_000;

await run(async ({ open, url }) => {
  const page = await open("#/playground/data=spirals&classes=2&noise=0.02&width=16&activation=relu");
  const opened = page.waitForRequest(/\/api\/playground\/\w+\/events$/);
  const session = (await opened).url().replace(/events$/, "");
  const get = async (what) => (await fetch(session + what)).json();
  const counter = async (name) => page.locator(".pg-counters div", { hasText: name }).locator("dd").innerText();
  const steps = async () => Number((await counter("Step")).replaceAll(",", ""));
  const accuracy = async () => Number(/([\d.]+) %/.exec(await counter("Training"))?.[1] ?? 0);
  await page.locator(".pg-node").first().waitFor();
  check((await steps()) === 0, "nothing is trained before play");

  await page.getByLabel("Speed").selectOption("0");
  await page.locator("h1").click();
  await page.keyboard.press("Space");
  while ((await accuracy()) <= 95) {
    check((await steps()) < mostSteps, `the spiral is separated within ${mostSteps} steps`);
    await page.waitForTimeout(100);
  }
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Play" }).waitFor();
  const paused = await get("../" + session.split("/").at(-2));
  check(paused.train.accuracy > 0.95, "the engine says so, too");
  check((await steps()) === paused.step, "the page stands where the engine does");

  // Every number of every phase, for one example of the batch and for their mean.
  for (const example of ["mean", "3"]) {
    await page.getByLabel("Example of the batch").fill(example === "mean" ? "" : String(Number(example) + 1));
    await page.keyboard.press("Enter");
    await page.locator("h1").click();
    await page.waitForTimeout(300);
    await page.keyboard.press("]");
    const { phases } = await get(`phases?example=${example}`);
    for (const [at, phase] of phases.entries()) {
      await page.getByRole("heading", { name: `${at + 1}/${phases.length}` }).waitFor();
      for (const array of phase.arrays) {
        const shown = await page.locator(`.pg-array[data-symbol="${array.symbol}"] td[title]`).evaluateAll((cells) => cells.map((cell) => cell.title));
        const columns = array.by_example || array.shape.length < 2 ? array.values.length : array.shape.at(-1);
        const wanted = array.values.filter((_, i) => i % columns < 16 && i / columns < 16).map(String);
        check(shown.join() === wanted.join() && shown.length > 0, `${phase.stage} ${phase.path}: ${array.symbol} on the page`);
      }
      if (at + 1 < phases.length) await page.keyboard.press("]");
    }
    await page.keyboard.press("[");
    await page.getByRole("heading", { name: `${phases.length - 1}/${phases.length}` }).waitFor();
    await page.keyboard.press("Escape");
  }
  // Taking the step gives the weights that its last phases said.
  const { phases } = await get("phases");
  await page.keyboard.press(".");
  await page.waitForFunction((step) => document.querySelector(".pg-counters dd")?.textContent?.replaceAll(",", "") === String(step), paused.step + 1);
  const after = await get("../" + session.split("/").at(-2));
  const setup = await get("setup");
  setup.parameters.forEach((parameter, i) => {
    const said = phases.flatMap((phase) => phase.arrays).find((array) => array.name === `${parameter.name} after`);
    check(said.values.join() === after.weights[i].join(), `${parameter.name} after the step`);
  });

  // A unit's numbers, by keyboard.
  await page.locator('.pg-node[data-column="1"][data-unit="2"]').focus();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("heading", { name: "dense · relu, unit 4" }).waitFor();

  // Settings make a new network and a link; what is refused says why and changes nothing.
  await page.getByLabel("Hidden layers").fill("3");
  await page.getByLabel("Hidden layers").press("Tab");
  await page.getByText("Hidden 3").waitFor();
  check(page.url().includes("layers%3D3"), `the link holds the settings: ${page.url()}`);
  check((await steps()) === 0, "a new network begins at step 0");

  // Both languages; a phone in the dark.
  await page.getByLabel("Language").selectOption("zh");
  await page.getByRole("heading", { name: "决策边界" }).waitFor();
  const phone = await open("#/playground", { viewport: { width: 400, height: 800 }, colorScheme: "dark" });
  await phone.locator(".pg-node").first().waitFor();
  const overflow = await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  check(overflow <= 0, `nothing is wider than a phone, but by ${overflow} pixels`);

  // A file of one's own.
  await page.goto(`${url}#/playground`);
  await page.getByLabel("语言").selectOption("en");
  await page.getByLabel("Data set").selectOption("csv");
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 5},${(i % 7) + (i % 5) > 5 ? "high" : "low"}`);
  await page.locator("input[type=file]").setInputFiles({ name: "own.csv", mimeType: "text/csv", buffer: Buffer.from(`width,height,size\n${rows.join("\n")}\n`) });
  await page.getByText("own.csv is loaded.").waitFor();
  await page.getByText("class high").waitFor();
});
