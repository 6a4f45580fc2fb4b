// node compare.mjs FOLDER: runs the networks of FOLDER/cases.json in ONNX Runtime and compares their outputs with
// those that Gradus gave. A case: { name, input: [N, ...], output: [N, ...] }, its arrays as little-endian f32 in
// NAME.input and NAME.output, the network as NAME.onnx. Exits 77 where ONNX Runtime is not installed.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const tolerance = 1e-5;

let runtime;
try {
  runtime = (await import("onnxruntime-node")).default;
} catch (error) {
  console.log(`skipped: ONNX Runtime is not installed (${error.code ?? error.message})`);
  process.exit(77);
}

const folder = process.argv[2];
const floats = (name) => {
  const bytes = readFileSync(join(folder, name));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};
const largest = (list) => list.reduce((best, value, i) => (value > list[best] ? i : best), 0);

// What differs; "" where nothing does.
async function difference({ name, input, output }) {
  const session = await runtime.InferenceSession.create(join(folder, `${name}.onnx`), { logSeverityLevel: 3 });
  const x = new runtime.Tensor("float32", floats(`${name}.input`), input);
  const y = (await session.run({ input: x })).output;
  const wanted = floats(`${name}.output`);
  if (y.dims.join() !== output.join()) return `shape [${y.dims}], wanted [${output}]`;
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  let worst = 0;
  for (let i = 0; i < wanted.length; ++i) worst = Math.max(worst, Math.abs(y.data[i] - wanted[i]));
  if (!(worst <= tolerance * scale)) return `differs by ${worst} of ${scale}`;
  const row = wanted.length / output[0];
  for (let i = 0; i < output[0]; ++i) {
    const [ours, theirs] = [wanted, y.data].map((all) => largest(Array.from(all.slice(i * row, (i + 1) * row))));
    if (ours !== theirs) return `example ${i}: largest at ${theirs}, wanted ${ours}`;
  }
  console.log(`${name}: ok, within ${worst.toExponential(1)} of ${scale.toPrecision(3)}`);
  return "";
}

let failures = 0;
for (const one of JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"))) {
  const problem = await difference(one).catch((error) => error.message);
  if (problem === "") continue;
  ++failures;
  console.log(`${one.name}: ${problem}`);
}
process.exit(failures === 0 ? 0 : 1);
