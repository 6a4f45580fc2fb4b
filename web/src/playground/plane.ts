// What the network says about the plane of the first two features, with the examples on it.
import { el } from "../dom";
import { onThemeChange } from "../theme";
import { css, diverging, mix, palette, type Rgb } from "./palette";
import type { Plane, Points, Setup, State } from "./model";
import { t } from "../i18n";
import { share } from "../format";

const pixels = 360;

export class PlaneView {
  private readonly canvas = el("canvas", { width: pixels, height: pixels, role: "img" });
  private readonly legend = el("div", { class: "pg-legend" });
  private readonly axes = el("p", { class: "pg-axes muted" });
  readonly element = el("div", { class: "pg-plane" }, this.canvas, this.axes, this.legend);
  private readonly cells = document.createElement("canvas");
  private setup: Setup | null = null;
  private state: State | null = null;
  private colors = palette();
  private readonly endTheme = onThemeChange(() => {
    this.colors = palette();
    this.showLegend();
    this.draw();
  });

  // `choose` gets the point of the training part that was clicked, by its place.
  constructor(choose: (x: number, y: number) => void) {
    this.canvas.addEventListener("click", (event) => {
      if (!this.state) return;
      const box = this.canvas.getBoundingClientRect();
      const { x, y } = this.state.plane;
      choose(x[0] + ((event.clientX - box.left) / box.width) * (x[1] - x[0]), y[1] - ((event.clientY - box.top) / box.height) * (y[1] - y[0]));
    });
  }

  close(): void {
    this.endTheme();
  }

  reset(setup: Setup): void {
    this.setup = setup;
    const [a = "", b = ""] = setup.features;
    this.axes.textContent = `→ ${a}   ↑ ${b}${setup.standardized ? ` (${t("pgStandardized")})` : ""}${setup.features.length > 2 ? ` · ${t("pgOthersAtMean")}` : ""}`;
    this.showLegend();
  }

  show(state: State): void {
    this.state = state;
    this.draw();
  }

  private showLegend(): void {
    const names = this.setup?.class_names ?? null;
    const entries = names
      ? names.map((name, i) => this.swatch(css(this.classColor(i)), `${t("pgClass")} ${name}`))
      : [this.swatch(css(this.colors.negative), t("pgLow")), this.swatch(css(this.colors.positive), t("pgHigh"))];
    this.legend.replaceChildren(...entries, el("span", { class: "pg-key" }, "●", " ", t("pgTrainPoint")), el("span", { class: "pg-key" }, "□", " ", t("pgTestPoint")));
  }

  private swatch(background: string, text: string): HTMLElement {
    const dot = el("span", { class: "dot" });
    dot.style.background = background;
    return el("span", { class: "pg-key" }, dot, text);
  }

  private classColor(index: number): Rgb {
    return this.colors.classes[index % this.colors.classes.length]!;
  }

  private targetColor(target: number, range: readonly [number, number]): Rgb {
    if (this.setup?.class_names) return this.classColor(target);
    return diverging(this.colors, (2 * (target - range[0])) / Math.max(range[1] - range[0], 1e-30) - 1);
  }

  private targetRange(): [number, number] {
    const targets = this.setup?.train.target ?? [];
    return targets.length === 0 ? [0, 1] : [Math.min(...targets), Math.max(...targets)];
  }

  private draw(): void {
    const context = this.canvas.getContext("2d");
    if (!context || !this.state || !this.setup) return;
    const { plane, train } = this.state;
    const range = this.targetRange();
    this.fillCells(plane, range);
    context.imageSmoothingEnabled = true;
    context.clearRect(0, 0, pixels, pixels);
    context.drawImage(this.cells, 0, 0, pixels, pixels);
    if (this.setup.test) this.drawPoints(context, plane, this.setup.test, range, true);
    this.drawPoints(context, plane, this.setup.train, range, false);
    if (this.state.example !== null) this.ring(context, plane);
    this.canvas.setAttribute("aria-label", t("pgPlaneLabel", { accuracy: share(train.accuracy), test: share(this.state.test?.accuracy) }));
  }

  private fillCells(plane: Plane, range: readonly [number, number]): void {
    const { size } = plane;
    this.cells.width = this.cells.height = size;
    const context = this.cells.getContext("2d");
    if (!context) return;
    const image = context.createImageData(size, size);
    const classes = this.setup?.class_names?.length ?? 2;
    for (let row = 0; row < size; ++row) {
      for (let column = 0; column < size; ++column) {
        const from = row * size + column;
        const value = plane.values[from] ?? 0;
        let rgb: Rgb;
        if (plane.classes) {
          const sure = (value - 1 / classes) / (1 - 1 / classes);
          rgb = mix(this.colors.card, this.classColor(plane.classes[from] ?? 0), 0.22 + 0.42 * sure);
        } else {
          rgb = diverging(this.colors, Math.min(Math.max((2 * (value - range[0])) / Math.max(range[1] - range[0], 1e-30) - 1, -1), 1), 0.65);
        }
        image.data.set([...rgb, 255], 4 * ((size - 1 - row) * size + column));
      }
    }
    context.putImageData(image, 0, 0);
  }

  private place(plane: Plane, x: number, y: number): [number, number] {
    return [((x - plane.x[0]) / (plane.x[1] - plane.x[0])) * pixels, (1 - (y - plane.y[0]) / (plane.y[1] - plane.y[0])) * pixels];
  }

  private drawPoints(context: CanvasRenderingContext2D, plane: Plane, points: Points, range: readonly [number, number], test: boolean): void {
    const radius = points.x.length > 600 ? 2.5 : 3.5;
    context.lineWidth = test ? 1.5 : 1;
    points.x.forEach((x, i) => {
      const [left, top] = this.place(plane, x, points.y[i]!);
      const rgb = this.targetColor(points.target[i]!, range);
      context.beginPath();
      if (test) context.rect(left - radius, top - radius, 2 * radius, 2 * radius);
      else context.arc(left, top, radius, 0, 2 * Math.PI);
      if (test) {
        context.strokeStyle = css(mix(rgb, this.colors.ink, 0.15));
      } else {
        context.fillStyle = css(rgb);
        context.fill();
        context.strokeStyle = css(this.colors.card);
      }
      context.stroke();
    });
  }

  // The example whose numbers the drawing shows.
  private ring(context: CanvasRenderingContext2D, plane: Plane): void {
    const [left, top] = this.place(plane, this.state?.x[0] ?? 0, this.state?.x[1] ?? 0);
    context.beginPath();
    context.arc(left, top, 8, 0, 2 * Math.PI);
    context.lineWidth = 2.5;
    context.strokeStyle = css(this.colors.ink);
    context.stroke();
  }
}
