// A line chart that follows the theme and its own width.
import uPlot from "uplot";
import { el } from "./dom";
import { measure } from "./format";
import { color, onThemeChange } from "./theme";

export interface Line {
  label: string;
  color: string; // a custom property: "--run-1"
  width?: number;
  faint?: boolean; // raw values behind their average
  named?: boolean; // in the legend although it is faint
  show?: boolean;
}

export interface ChartOptions {
  label: string; // for people who cannot see it
  xLabel: string;
  height: number;
  logScale?: boolean;
  yRange?: [number, number];
  legend?: boolean;
}

type Data = [number[], ...(number | null | undefined)[][]];

export class Chart {
  readonly element: HTMLElement;
  private plot: uPlot | null = null;
  private lines: readonly Line[] = [];
  private data: Data = [[]];
  private readonly observer: ResizeObserver;
  private readonly endTheme: () => void;

  constructor(private options: ChartOptions) {
    this.element = el("div", { class: "chart", role: "img", "aria-label": options.label });
    this.element.style.minHeight = `${options.height}px`;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.element);
    this.endTheme = onThemeChange(() => this.rebuild());
  }

  // New values; lines that differ in more than values are built anew.
  set(lines: readonly Line[], data: Data, options: Partial<ChartOptions> = {}): void {
    const changed = JSON.stringify([lines, options]) !== JSON.stringify([this.lines, this.given]);
    this.options = { ...this.options, ...options };
    this.given = options;
    this.lines = lines;
    this.data = data;
    if (changed || !this.plot) this.rebuild();
    else this.plot.setData(data as uPlot.AlignedData);
  }
  private given: Partial<ChartOptions> = {};

  close(): void {
    this.observer.disconnect();
    this.endTheme();
    this.plot?.destroy();
  }

  private resize(): void {
    const width = this.element.clientWidth;
    if (width === 0) return;
    if (!this.plot) this.rebuild();
    else if (this.plot.width !== width) this.plot.setSize({ width, height: this.options.height });
  }

  private rebuild(): void {
    this.plot?.destroy();
    this.plot = null;
    const width = this.element.clientWidth;
    if (width === 0 || this.lines.length === 0) return;
    const axis = { stroke: color("--muted"), grid: { stroke: color("--grid"), width: 1 }, ticks: { stroke: color("--grid"), size: 4 }, font: "11px system-ui, sans-serif" };
    const { xLabel, height, logScale, yRange, label, legend } = this.options;
    this.element.setAttribute("aria-label", label);
    this.plot = new uPlot(
      {
        width,
        height,
        legend: { show: legend ?? true },
        cursor: { points: { size: 6 }, focus: { prox: 24 } },
        focus: { alpha: 0.35 },
        scales: { x: { time: false }, y: { distr: logScale ? 3 : 1, ...(yRange ? { range: yRange } : {}) } },
        axes: [
          { ...axis, size: 30 },
          { ...axis, size: 58, values: (_: uPlot, values: (number | null)[]) => values.map((value) => (value === null ? "" : tick(value))) },
        ],
        series: [
          { label: xLabel, value: (_: uPlot, value: number | null) => (value === null ? "–" : String(+value.toPrecision(6))) },
          ...this.lines.map((line) => ({
            // Raw values are named once, with their average.
            ...(line.faint && !line.named ? { class: "unnamed" } : {}),
            label: line.label,
            show: line.show ?? true,
            stroke: color(line.color),
            width: line.width ?? 1.75,
            alpha: line.faint ? 0.3 : 1,
            spanGaps: true,
            points: { show: false },
            value: (_: uPlot, value: number | null) => measure(value),
          })),
        ],
      },
      this.data as uPlot.AlignedData,
      this.element,
    );
  }
}

function tick(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(0) : String(+value.toPrecision(4));
}
