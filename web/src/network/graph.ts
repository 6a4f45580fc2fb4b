// The drawing of the layer graph: a tree for the keyboard and for screen readers.
import { svg } from "../dom";
import { grouped } from "../format";
import { t } from "../i18n";
import { inputPlace, layOut, openAtFirst, pathOf, type Box, type Layout } from "./layout";
import { count, outputOf, parametersOf, type Network } from "./model";

// What kind of work a layer does, as a colour.
function family(kind: string): string {
  if (/^(residual|dense_block|parallel|transition|sequential)$/.test(kind)) return "group";
  if (/^(dense|conv)/.test(kind)) return "weights";
  if (/norm/.test(kind)) return "norm";
  if (/pool|flatten|reshape/.test(kind)) return "shaping";
  if (/dropout|noise/.test(kind)) return "noise";
  return "activation";
}

export class GraphView {
  readonly element = svg("svg", { class: "net-graph", role: "tree" });
  private readonly open: Set<number>;
  private layout: Layout;
  private selected = inputPlace;
  private current = inputPlace; // what the keyboard is on

  constructor(
    private readonly network: Network,
    private readonly choose: (place: number) => void,
  ) {
    this.open = openAtFirst(network);
    this.layout = layOut(network, this.open);
    this.element.setAttribute("aria-label", t("netGraph"));
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.draw();
  }

  select(place: number): void {
    this.selected = place;
    this.current = place;
    this.draw();
  }

  openAll(yes: boolean): void {
    this.open.clear();
    if (yes) this.network.layers.forEach((layer, i) => layer.group && this.open.add(i));
    this.relay();
  }

  private relay(): void {
    this.layout = layOut(this.network, this.open);
    // What is inside a closed group is reached through it.
    const { layers } = this.network;
    for (let at = this.current; at >= 0 && at < layers.length; at = layers[at]!.parent) {
      if (layers[at]!.group && !this.open.has(at)) this.current = at;
    }
    this.draw();
  }

  private toggle(place: number): void {
    if (!this.open.delete(place)) this.open.add(place);
    this.relay();
  }

  private isGroup(place: number): boolean {
    return this.network.layers[place]?.group ?? false;
  }

  private items(): Box[] {
    return this.layout.boxes.filter((box) => box.kind !== "join");
  }

  private go(place: number): void {
    this.current = place;
    for (const item of this.element.querySelectorAll<SVGGElement>("[role=treeitem]")) {
      const here = Number(item.dataset["place"]) === place;
      item.setAttribute("tabindex", here ? "0" : "-1");
      if (!here) continue;
      item.focus({ preventScroll: true });
      item.scrollIntoView({ block: "nearest" });
    }
  }

  private key(event: KeyboardEvent): void {
    const items = this.items();
    const at = items.findIndex((box) => box.place === this.current);
    const move = (to: number) => this.go(items[Math.min(Math.max(to, 0), items.length - 1)]!.place);
    const open = this.open.has(this.current);
    const parent = this.network.layers[this.current]?.parent ?? -1;
    const refocus = () => this.go(this.current);
    const actions: Record<string, () => void> = {
      ArrowDown: () => move(at + 1),
      ArrowUp: () => move(at - 1),
      Home: () => move(0),
      End: () => move(items.length - 1),
      ArrowRight: () => {
        if (this.isGroup(this.current) && !open) this.toggle(this.current), refocus();
        else move(at + 1);
      },
      ArrowLeft: () => {
        if (this.isGroup(this.current) && open) this.toggle(this.current), refocus();
        else if (parent >= 0) this.go(parent);
      },
      Enter: () => this.choose(this.current),
      " ": () => this.choose(this.current),
    };
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    action();
    if (event.key === "Enter" || event.key === " ") refocus();
  }

  private draw(): void {
    const { boxes, frames, connections, width, height } = this.layout;
    this.element.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.element.setAttribute("width", String(width));
    this.element.setAttribute("height", String(height));
    const arrow = svg("marker", { id: "net-arrow", viewBox: "0 0 6 6", refX: 5, refY: 3, markerWidth: 6, markerHeight: 6, orient: "auto" }, svg("path", { d: "M0 0L6 3L0 6z" }));
    const touches = (box: Box) => box.place === this.selected;
    this.element.replaceChildren(
      svg("defs", {}, arrow),
      svg("g", { "aria-hidden": "true" },
        ...frames.map((frame) => svg("rect", { class: "frame", x: frame.x, y: frame.y, width: frame.width, height: frame.height, rx: 9 })),
        ...connections.map((one) => svg("path", { class: `line${one.skips > 0 ? " skip-line" : ""}${touches(one.from) || touches(one.to) ? " near" : ""}`, d: pathOf(one), "marker-end": "url(#net-arrow)" })),
      ),
      ...boxes.map((box) => (box.kind === "join" ? this.join(box) : this.item(box))),
    );
  }

  private join(box: Box): SVGElement {
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 + 4 };
    const kind = this.network.layers[box.place]!.kind;
    return svg("g", { class: "join", "aria-hidden": "true", onclick: () => this.choose(box.place) },
      svg("rect", { x: box.x, y: box.y, width: box.width, height: box.height, rx: box.height / 2 }),
      svg("text", { ...middle, "text-anchor": "middle" }, kind === "residual" ? "+" : t("netJoin")),
    );
  }

  private item(box: Box): SVGElement {
    const { layers, input, loss } = this.network;
    const { place } = box;
    const layer = layers[place];
    const title = layer?.kind ?? (place === inputPlace ? t("netInput") : t("netLoss"));
    const output = place === inputPlace ? input : outputOf(layers, place)?.output;
    const shape = output ? output.slice(1).join(" × ") : "";
    const parameters = layer ? parametersOf(this.network, place).reduce((sum, one) => sum + count(one.shape), 0) : 0;
    const under = layer?.path ?? (place === inputPlace ? "" : loss);
    const expanded = this.isGroup(place) ? this.open.has(place) : null;
    const mark = expanded === null ? "" : expanded ? "▾" : "▸";
    const kind = layer ? family(layer.kind) : "end";
    const head = box.kind === "head";
    const line = box.y + 17;
    const indent = box.x + (mark ? 26 : 13);
    const right = box.x + box.width - 10;
    const group = svg(
      "g",
      {
        class: `item ${kind}${head ? " head" : ""}`,
        role: "treeitem",
        "data-place": place,
        tabindex: place === this.current ? 0 : -1,
        "aria-level": box.level + 1,
        "aria-selected": place === this.selected ? "true" : "false",
        "aria-expanded": expanded === null ? null : String(expanded),
        "aria-label": [title, under, shape, parameters > 0 ? `${t("parameters")} ${grouped(parameters)}` : ""].filter((text) => text !== "").join(", "),
        onclick: () => this.choose(place),
        ondblclick: () => { if (expanded !== null) this.toggle(place); },
      },
      svg("rect", { class: "body", x: box.x, y: box.y, width: box.width, height: box.height, rx: 7 }),
      head ? null : svg("rect", { class: "stripe", x: box.x, y: box.y + 6, width: 3.5, height: box.height - 12, rx: 1.75 }),
      svg("text", { class: "kind", x: indent, y: line }, title),
      svg("text", { class: "shape", x: right, y: line, "text-anchor": "end" }, head ? under : shape),
      head ? null : svg("text", { class: "path", x: indent, y: box.y + 32 }, under),
      head || parameters === 0 ? null : svg("text", { class: "path", x: right, y: box.y + 32, "text-anchor": "end" }, grouped(parameters)),
    );
    if (mark) {
      const toggle = svg("g", { class: "toggle", onclick: (event: Event) => { event.stopPropagation(); this.toggle(place); } },
        svg("rect", { x: box.x + 3, y: box.y + 2, width: 22, height: box.height - 4, rx: 5 }),
        svg("text", { x: box.x + 9, y: line }, mark),
      );
      group.append(toggle);
    }
    return group;
  }
}
