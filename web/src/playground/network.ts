// The network as a drawing: units as nodes with their value and gradient, weights as edges between them.
import { el, svg } from "../dom";
import { measure } from "../format";
import { t } from "../i18n";
import { onThemeChange } from "../theme";
import { css, diverging, palette } from "./palette";
import { largest, type Column, type Picture } from "./picture";

export type Shown = "values" | "gradients";

export interface Place {
  column: number;
  unit: number;
}

const top = 40;
const roomyUnits = 10; // columns up to so many units have numbers in their nodes
const pill = { width: 58, height: 32 };

interface Node {
  group: SVGGElement;
  shape: SVGElement;
  value: SVGTextElement | null;
  gradient: SVGTextElement | null;
  x: number;
  y: number;
}

export class NetworkView {
  private readonly edges = el("canvas", { "aria-hidden": "true" });
  private readonly drawing = svg("svg", { class: "pg-nodes", role: "group", "aria-label": t("pgNetworkLabel") });
  private readonly frame = el("div", { class: "pg-frame" }, this.edges, this.drawing);
  readonly element = el("div", { class: "pg-network", tabindex: -1 }, this.frame);
  private picture: Picture | null = null;
  private nodes: Node[][] = [];
  private layout = "";
  private shown: Shown = "values";
  private chosen: Place | null = null;
  private colors = palette();
  private readonly observer = new ResizeObserver(() => {
    this.layout = "";
    this.draw();
  });
  private readonly endTheme = onThemeChange(() => {
    this.colors = palette();
    this.draw();
  });

  // `look` is told which unit is looked at, by pointer or focus.
  constructor(private readonly look: (place: Place) => void) {
    this.observer.observe(this.element);
    this.drawing.addEventListener("keydown", (event) => this.move(event));
  }

  close(): void {
    this.observer.disconnect();
    this.endTheme();
  }

  show(picture: Picture, shown: Shown): void {
    this.picture = picture;
    this.shown = shown;
    this.draw();
  }

  mark(place: Place | null): void {
    this.chosen = place;
    this.draw();
  }

  private draw(): void {
    const picture = this.picture;
    const width = this.element.clientWidth;
    if (!picture || width === 0) return;
    const layout = JSON.stringify([width, picture.columns.map((column) => [column.units, column.label])]);
    if (layout !== this.layout) {
      this.layout = layout;
      this.build(picture.columns, width);
    }
    picture.columns.forEach((column, c) => this.paintColumn(column, c, picture.active === c));
    this.paintEdges(picture);
  }

  private build(columns: readonly Column[], available: number): void {
    const most = Math.max(...columns.map((column) => column.units));
    const height = top + Math.min(Math.max(most * 40, 200), 440);
    const width = Math.max(available, columns.length * 76);
    const gap = width / columns.length;
    this.frame.style.width = `${width}px`;
    this.frame.style.height = `${height}px`;
    this.edges.width = width * devicePixelRatio;
    this.edges.height = height * devicePixelRatio;
    this.edges.style.width = `${width}px`;
    this.edges.style.height = `${height}px`;
    this.drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.drawing.replaceChildren();
    this.nodes = columns.map((column, c) => {
      const x = gap * (c + 0.5);
      const title = svg("text", { x, y: 12, class: "pg-column", "text-anchor": "middle" }, c === 0 ? t("pgInputs") : c === columns.length - 1 ? t("pgOutput") : t("pgHidden", { number: c }));
      const kinds = svg("text", { x, y: 26, class: "pg-kinds", "text-anchor": "middle" }, shortened(column.label, Math.floor(gap / 6)), svg("title", {}, column.label));
      this.drawing.append(title, kinds);
      const space = Math.min((height - top) / column.units, 56);
      const first = top + (height - top - space * column.units) / 2;
      return Array.from({ length: column.units }, (_, unit) => this.node(column, { column: c, unit }, x, first + space * (unit + 0.5), space, gap));
    });
  }

  private node(column: Column, place: Place, x: number, y: number, space: number, gap: number): Node {
    const roomy = column.units <= roomyUnits && space >= pill.height + 2;
    const radius = Math.min(Math.max(space * 0.4, 2), 11);
    const width = Math.min(pill.width, gap - 12);
    const shape = roomy
      ? svg("rect", { x: x - width / 2, y: y - pill.height / 2, width, height: pill.height, rx: 9 })
      : svg("circle", { cx: x, cy: y, r: radius });
    const value = roomy ? svg("text", { x, y: y - 1, class: "pg-value", "text-anchor": "middle" }) : null;
    const gradient = roomy ? svg("text", { x, y: y + 11, class: "pg-gradient", "text-anchor": "middle" }) : null;
    const group = svg("g", {
      class: "pg-node", tabindex: place.column === 0 && place.unit === 0 ? 0 : -1, role: "img", "data-column": place.column, "data-unit": place.unit,
      onfocus: () => { this.drawing.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1"); group.setAttribute("tabindex", "0"); this.look(place); },
      onpointerenter: () => this.look(place),
      onclick: () => this.look(place),
    }, shape, value, gradient);
    this.drawing.append(group);
    return { group, shape, value, gradient, x, y };
  }

  private paintColumn(column: Column, c: number, active: boolean): void {
    const shown = this.shown === "values" ? column.values : column.gradients;
    const most = largest(shown) || 1;
    this.nodes[c]!.forEach((node, unit) => {
      const value = column.values ? column.values[unit] : null;
      const gradient = column.gradients ? column.gradients[unit] : null;
      const strength = shown ? (shown[unit] ?? 0) / most : 0;
      node.shape.setAttribute("fill", css(diverging(this.colors, strength, node.value ? 0.5 : 0.95)));
      node.group.classList.toggle("active", active);
      node.group.classList.toggle("open", shown === null);
      node.group.classList.toggle("chosen", this.chosen?.column === c && this.chosen.unit === unit);
      if (node.value) node.value.textContent = brief(value);
      if (node.gradient) node.gradient.textContent = c === 0 ? (column.names[unit] ?? "").slice(0, 8) : gradient === null ? "" : `∂ ${brief(gradient)}`;
      node.group.setAttribute("aria-label", t("pgUnitLabel", { column: c === 0 ? t("pgInputs") : column.label, unit: unit + 1, value: measure(value), gradient: measure(gradient) }));
    });
  }

  private paintEdges(picture: Picture): void {
    const context = this.edges.getContext("2d");
    if (!context) return;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, this.edges.width, this.edges.height);
    picture.columns.forEach((column, c) => {
      const values = column.weight < 0 ? null : this.shown === "values" ? picture.weights[column.weight]! : picture.weightGradients[column.weight]!;
      const from = this.nodes[c - 1];
      const to = this.nodes[c]!;
      if (!from || column.weight < 0) return;
      if (column.skip) this.paintSkips(context, from, to);
      const most = largest(values) || 1;
      const edges = from.length * to.length;
      const crowded = edges > 200;
      const weakest = edges > 1000 ? 0.4 : crowded ? 0.12 : 0;
      to.forEach((end, j) => {
        from.forEach((begin, i) => {
          const share = values ? (values[j * from.length + i] ?? 0) / most : 0;
          const touched = this.chosen !== null && ((this.chosen.column === c && this.chosen.unit === j) || (this.chosen.column === c - 1 && this.chosen.unit === i));
          if (Math.abs(share) < weakest && !touched) return;
          const color = values ? (share < 0 ? this.colors.negative : this.colors.positive) : this.colors.muted;
          const size = Math.abs(share);
          context.strokeStyle = css(color, values ? (0.12 + 0.75 * size) * (edges > 1000 ? 0.45 : 1) : 0.2);
          context.lineWidth = (crowded ? 0.4 : 0.7) + (edges > 1000 ? 1.2 : crowded ? 2.2 : 4) * size + (touched ? 1 : 0);
          context.beginPath();
          context.moveTo(begin.x, begin.y);
          const middle = (begin.x + end.x) / 2;
          context.bezierCurveTo(middle, begin.y, middle, end.y, end.x, end.y);
          context.stroke();
        });
      });
    });
  }

  // x goes past the layer and is added behind it.
  private paintSkips(context: CanvasRenderingContext2D, from: readonly Node[], to: readonly Node[]): void {
    context.strokeStyle = css(this.colors.muted, 0.7);
    context.lineWidth = 1.2;
    context.setLineDash([4, 4]);
    to.forEach((end, j) => {
      const begin = from[j];
      if (!begin) return;
      context.beginPath();
      context.moveTo(begin.x, begin.y);
      context.quadraticCurveTo((begin.x + end.x) / 2, begin.y - 26, end.x, end.y);
      context.stroke();
    });
    context.setLineDash([]);
  }

  // Arrow keys go from unit to unit.
  private move(event: KeyboardEvent): void {
    const node = (event.target as Element).closest(".pg-node");
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (!node || (dx === 0 && dy === 0)) return;
    event.preventDefault();
    const column = Number(node.getAttribute("data-column")) + dx!;
    const units = this.nodes[column];
    if (!units) return;
    const unit = Math.min(Math.max(Number(node.getAttribute("data-unit")) + dy!, 0), units.length - 1);
    units[unit]?.group.focus();
  }
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(most - 1, 1))}…`;
}

// Three digits, so that it fits into a node.
function brief(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1000)) return value.toExponential(0).replace("e+", "e");
  return String(+value.toPrecision(3));
}
