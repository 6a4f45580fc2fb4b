// The rows a run's curves are drawn from, without a browser: whatever order lines come in, they are what drawing the
// whole history anew would give.
import { build } from "esbuild";
import { join } from "node:path";
import { check } from "./checks.mjs";

const source = join(import.meta.dirname, "..", "src");
const bundle = await build({
  stdin: { contents: 'export { Rows } from "./rows"; export { smoothed } from "./series";', resolveDir: source, loader: "ts" },
  bundle: true, write: false, format: "esm",
});
const { Rows, smoothed } = await import(`data:text/javascript,${encodeURIComponent(bundle.outputFiles[0].text)}`);
const rowsOf = (most) => new Rows(["loss", "val"], "loss", 0.9, most);
const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i] || Math.abs(value - b[i]) < 1e-12);

// Live steps run ahead of the history's, whose lines come later and in pieces.
const rows = rowsOf(1000);
const loss = (step) => Math.sin(step) + 2;
for (const step of [7, 13, 22]) {
  rows.put(step, { loss: loss(step) });
  rows.average();
}
for (const step of [10, 20]) rows.put(step, { loss: loss(step) });
rows.put(20, { val: 5 });
rows.put(25, { val: 4 });
rows.put(22, { loss: loss(22) });
rows.put(26, { loss: null });
check(same(rows.x, [7, 10, 13, 20, 22, 25, 26]), `in order: ${rows.x}`);
check(rows.column("val")[3] === 5 && rows.column("loss")[3] === loss(20), "a row keeps what it has");
check(rows.column("loss")[5] === undefined, "nothing where nothing came");
const steps = [7, 10, 13, 20, 22];
const averages = rows.average();
check(same(averages.filter((value) => typeof value === "number"), smoothed(steps.map(loss), 0.9)), "the average of all, in order");
check(averages[5] === undefined && averages[6] === null, "gaps stay gaps");
check(rows.has("val") && !rowsOf(10).has("val"), "a column without numbers is none");

rows.clear();
check(rows.x.length === 0 && rows.average().length === 0, "cleared");

// Many rows are thinned out; the ends and rare values stay.
const many = rowsOf(100);
for (let step = 1; step <= 1000; ++step) {
  many.put(step, { loss: loss(step) });
  if (step % 250 === 0) many.put(step, { val: step });
}
check(many.x.length <= 100 && many.x.length > 40, `thinned out: ${many.x.length}`);
check(many.x[0] === 1 && many.x.at(-1) === 1000, "first and last stay");
check(same(many.column("val").filter((value) => value !== undefined), [250, 500, 750, 1000]), "rare values stay");
check(many.average().length === many.x.length, "an average for each row");
console.log("ok");
