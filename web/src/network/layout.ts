// Where the layers stand: one column from the examples down to the loss, groups as frames around what they hold,
// connections that skip something as curves on the right.
import { isWithin, type Network } from "./model";

export const inputPlace = -1;

export interface Box {
  place: number; // in Network.layers; -1: the examples; layers.length: the loss
  kind: "box" | "head" | "join"; // a layer or closed group; an open group's title; what it makes of its layers
  level: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Frame {
  place: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Connection {
  from: Box;
  to: Box;
  skips: number; // boxes between the two; 0: they are neighbours
}

export interface Layout {
  boxes: Box[];
  frames: Frame[];
  connections: Connection[];
  width: number;
  height: number;
}

const columnWidth = 236;
const gutter = 84; // of the curves
const inset = 9;
const heights = { box: 40, head: 26, join: 24 };
const gap = 16;

export function layOut(network: Network, open: ReadonlySet<number>): Layout {
  const { layers } = network;
  const boxes: Box[] = [];
  const frames: Frame[] = [];
  const anchors = new Map<number, Box>(); // where lines to and from a place end
  let y = 4;
  const add = (place: number, kind: Box["kind"], level: number): Box => {
    const width = columnWidth - 2 * inset * level;
    const box = { place, kind, level, x: 4 + inset * level, y, width, height: heights[kind] };
    boxes.push(box);
    y += box.height + gap;
    if (kind !== "head") anchors.set(place, box);
    return box;
  };
  const children = (holder: number) => layers.flatMap((layer, i) => (layer.parent === holder ? [i] : []));
  const show = (place: number, level: number): void => {
    const layer = layers[place]!;
    if (!layer.group || !open.has(place)) {
      add(place, "box", level);
      return;
    }
    const head = add(place, "head", level);
    y -= gap / 2;
    for (const child of children(place)) show(child, level + 1);
    if (layer.output !== null) add(place, "join", level + 1);
    y -= gap - 8;
    frames.push({ place, x: head.x, y: head.y, width: head.width, height: y - head.y });
    y += gap;
  };

  add(inputPlace, "box", 0);
  for (const place of children(-1)) show(place, 0);
  add(layers.length, "box", 0);

  // The outermost closed group stands for all it holds.
  const anchorOf = (place: number): Box | undefined => {
    let shown = place;
    for (let at = place; at >= 0 && at < layers.length; at = layers[at]!.parent) {
      if (layers[at]!.group && !open.has(at)) shown = at;
    }
    return anchors.get(shown);
  };
  const order = boxes.filter((box) => box.kind !== "head");
  // Lines run on below layers that pass on what they are given.
  const passes = (box: Box) => box.place >= 0 && layers[box.place]?.output === null && !layers[box.place]!.group;
  let position = 0;
  const positions = new Map(order.map((box) => [box, passes(box) ? position : ++position]));
  const known = new Set<string>();
  const connections: Connection[] = [];
  const connect = (source: number, target: number) => {
    const from = anchorOf(source);
    const to = anchorOf(target);
    if (!from || !to || from === to) return;
    const [a, b] = [positions.get(from)!, positions.get(to)!];
    if (b < a || known.has(`${a} ${b}`)) return;
    known.add(`${a} ${b}`);
    connections.push({ from, to, skips: b - a - 1 });
  };
  layers.forEach((layer, place) => {
    for (const source of layer.reads) connect(source, place);
  });
  for (const source of network.loss_reads) connect(source, layers.length);
  return { boxes, frames, connections, width: columnWidth + gutter, height: y };
}

export function pathOf({ from, to, skips }: Connection): string {
  if (skips === 0) {
    const x = (from.x + from.width / 2 + to.x + to.width / 2) / 2;
    return `M${x} ${from.y + from.height}V${to.y - 1}`;
  }
  const [x0, y0] = [from.x + from.width, from.y + from.height / 2 + 4];
  const [x1, y1] = [to.x + to.width, to.y + to.height / 2 - 4];
  const out = Math.max(x0, x1) + Math.min(gutter * 1.2, 18 + 9 * Math.sqrt(skips * 4));
  return `M${x0} ${y0}C${out} ${y0} ${out} ${y1} ${x1 + 2} ${y1}`;
}

// Small networks are shown whole; of larger ones the groups are closed.
export function openAtFirst(network: Network): Set<number> {
  const groups = network.layers.flatMap((layer, i) => (layer.group ? [i] : []));
  return new Set(network.layers.length <= 24 ? groups : []);
}

// Opens all groups around a layer.
export function reveal(network: Network, open: Set<number>, place: number): void {
  network.layers.forEach((layer, i) => {
    if (layer.group && i !== place && isWithin(network.layers, place, i)) open.add(i);
  });
}
