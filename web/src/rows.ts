// What the curves of a run are drawn from: one row a position, kept in order while rows come in.
// Columns are handed to the chart as they are, so that a new step costs what it adds, not what is there.

export type Cell = number | null | undefined; // null: no number; undefined: nothing at this position

export class Rows<Name extends string> {
  readonly x: number[] = [];
  private readonly columns: Record<Name, Cell[]>;
  private readonly sums: number[] = []; // of the running average up to each row, and its bias correction
  private readonly corrections: number[] = [];
  private readonly averages: Cell[] = [];
  private averaged = 0; // rows whose average is known

  // `source` is the column that is averaged; more than `most` rows are thinned out.
  constructor(
    private readonly names: readonly Name[],
    private readonly source: Name,
    private readonly weight: number,
    private readonly most: number,
  ) {
    this.columns = Object.fromEntries(names.map((name) => [name, [] as Cell[]])) as Record<Name, Cell[]>;
  }

  clear(): void {
    this.truncate(0);
  }

  // Sets values at a position, usually the last one or near it.
  put(x: number, values: Partial<Record<Name, Cell>>): void {
    let at = this.x.length;
    while (at > 0 && (this.x[at - 1] ?? 0) >= x) --at;
    if (this.x[at] !== x) {
      this.x.splice(at, 0, x);
      for (const name of this.names) this.columns[name].splice(at, 0, undefined);
    }
    for (const name of this.names) if (values[name] !== undefined) this.columns[name][at] = values[name];
    this.averaged = Math.min(this.averaged, at);
    if (this.x.length > this.most) this.thin();
  }

  column(name: Name): Cell[] {
    return this.columns[name];
  }

  has(name: Name): boolean {
    return this.columns[name].some((value) => typeof value === "number");
  }

  // The bias-corrected moving average of the source, as smoothed() has it.
  average(): Cell[] {
    const values = this.columns[this.source];
    for (let i = this.averaged; i < this.x.length; ++i) {
      const value = values[i];
      let sum = this.sums[i - 1] ?? 0;
      let correction = this.corrections[i - 1] ?? 0;
      if (typeof value === "number") {
        sum = this.weight * sum + (1 - this.weight) * value;
        correction = this.weight * correction + (1 - this.weight);
      }
      this.sums[i] = sum;
      this.corrections[i] = correction;
      this.averages[i] = typeof value === "number" ? sum / correction : value;
    }
    this.averaged = this.x.length;
    return this.averages;
  }

  // Every other row goes, but for the first, the last, and those with a value that is rare.
  private thin(): void {
    const rare = this.names.filter((name) => this.columns[name].filter((value) => value !== undefined).length < this.most / 8);
    const last = this.x.length - 1;
    let kept = 0;
    for (let i = 0; i <= last; ++i) {
      if (i % 2 === 1 && i !== last && !rare.some((name) => this.columns[name][i] !== undefined)) continue;
      this.x[kept] = this.x[i] ?? 0;
      for (const name of this.names) this.columns[name][kept] = this.columns[name][i];
      ++kept;
    }
    this.truncate(kept);
  }

  private truncate(rows: number): void {
    this.x.length = rows;
    for (const name of this.names) this.columns[name].length = rows;
    this.sums.length = this.corrections.length = this.averages.length = this.averaged = 0;
  }
}
