export function check(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
}
