// The network of a run: the numbers on the page are the engine's, by mouse and by keyboard, in both languages.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, run } from "./harness.mjs";

// Two classes of small pictures: a bar that stands, a bar that lies. IDX files, as MNIST has them.
function writePictures(dir) {
  const side = 8;
  const write = (name, dims, bytes) => {
    const head = Buffer.alloc(4 + 4 * dims.length);
    head[2] = 8;
    head[3] = dims.length;
    dims.forEach((extent, i) => head.writeUInt32BE(extent, 4 + 4 * i));
    writeFileSync(join(dir, name), Buffer.concat([head, Buffer.from(bytes)]));
  };
  for (const [part, count] of [["train", 64], ["t10k", 16]]) {
    const labels = Array.from({ length: count }, (_, i) => i % 2);
    const pixels = labels.flatMap((label, i) => Array.from({ length: side * side }, (_, at) => ((label ? at % side : Math.floor(at / side)) === i % side ? 255 : 0)));
    write(`${part}-images-idx3-ubyte`, [count, side, side], pixels);
    write(`${part}-labels-idx1-ubyte`, [count], labels);
  }
}

const model = `layers = [{ conv2d = { filters = 4, kernel = 3, padding = "same" } }, "batch_norm", "relu",
  { residual = [{ conv2d = { filters = 4, kernel = 3, padding = "same" } }, { dropout = 0.5 }] },
  "global_avg_pool2d", { dense = 2 }]`;

await run(async ({ dir, url, open, train }) => {
  writePictures(dir);
  writeFileSync(join(dir, "model.toml"), model);
  const training = train("--data", `idx:${dir}`, "--model", join(dir, "model.toml"), "--epochs", "3", "--batch-size", "16", "--threads", "1", "--out", join(dir, "bars"));
  await new Promise((resolve) => training.once("exit", resolve));
  const ask = async (what) => (await fetch(`${url}api/runs/bars/network${what}`)).json();
  const measure = (value) => (value === 0 ? "0" : Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3 ? value.toExponential(2) : value.toPrecision(4));

  const page = await open();
  await page.getByRole("link", { name: "bars" }).click();
  await page.getByRole("link", { name: "Network" }).click();
  const details = page.locator(".net-details");
  await details.getByRole("heading", { name: "conv2d layers.0", exact: true }).waitFor();
  const example = await ask("/example?part=test&row=0");
  await details.getByText(measure(example.layers["layers.0"].output.mean)).first().waitFor();
  await details.getByText("Feature maps (4 of 8 × 8)").waitFor();
  await details.getByText("Filters (4 of 3 × 3)").waitFor();
  check((await details.locator(".net-grid").first().locator("canvas").count()) === 4, "a picture for each feature map");

  // Another picture gives other numbers and another prediction.
  await page.getByRole("option", { name: /^3: / }).click();
  const other = await ask("/example?part=test&row=3");
  await details.getByText(measure(other.layers["layers.0"].output.std)).first().waitFor();
  const best = other.prediction.reduce((a, b) => (b.value > a.value ? b : a));
  await page.locator(".net-bars").getByText(`${(100 * best.value).toFixed(2)} %`).waitFor();
  check(best.name === other.target, "the network learned these pictures");

  // The batch, as in training.
  await page.getByLabel("the first batch, as in training").check();
  const batch = await ask("/batch");
  await page.getByText("16 examples of the first batch").waitFor();
  await details.getByText(measure(batch.parameters["layers.0.weight"].gradient.std)).first().waitFor();

  // By keyboard: down to the block, closed and opened, into it, and a layer of it shown.
  const tree = page.getByRole("tree");
  await tree.getByRole("treeitem", { selected: true }).focus();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
  for (let i = 0; i < 3; ++i) await page.keyboard.press("ArrowDown");
  check((await focused()).startsWith("residual, layers.3"), `the block is reached, but: ${await focused()}`);
  await page.keyboard.press("ArrowLeft");
  check((await tree.getByRole("treeitem", { name: "layers.3.1" }).count()) === 0, "a closed block hides its layers");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await details.getByRole("heading", { name: "dropout layers.3.1" }).waitFor();
  check((await focused()).startsWith("dropout"), "the keyboard stays where it was");
  await page.getByLabel("one example, as in predictions").check();
  await details.getByText("Here it passes on what it is given.").waitFor();
  check((await tree.locator(".skip-line").count()) === 1, "the shortcut is the one line that skips something");

  await page.getByLabel("Language").selectOption("zh");
  await page.getByRole("heading", { name: "网络", exact: true }).waitFor();
  const phone = await open("#/network/bars", { viewport: { width: 400, height: 800 }, colorScheme: "dark" });
  await phone.locator(".net-histogram").first().waitFor();
  const overflow = await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  check(overflow <= 0, `nothing is wider than a phone, but by ${overflow} pixels`);
});
