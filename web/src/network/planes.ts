// Many small pictures of numbers in one grid: filters, feature maps, examples.
import { bytes } from "../bytes";
import { el } from "../dom";
import { measure } from "../format";
import { diverging, palette, type Rgb } from "../playground/palette";
import type { Planes } from "./model";

function canvasOf(width: number, height: number, label: string, paint: (at: number) => Rgb): HTMLCanvasElement {
  const canvas = el("canvas", { width, height, role: "img", "aria-label": label, title: label });
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; ++i) image.data.set([...paint(i), 255], 4 * i);
  context.putImageData(image, 0, 0);
  return canvas;
}

// Planes first, first + step, ... on one scale; `name` says what plane i is.
export function planeGrid(planes: Planes, name: (i: number) => string, first = 0, step = 1): HTMLElement {
  const colors = palette();
  const shades = Array.from({ length: 256 }, (_, value) => diverging(colors, (value - 128) / 127));
  const data = bytes(planes.data);
  const area = planes.height * planes.width;
  const grid = el("div", { class: "net-grid" });
  grid.style.setProperty("--cell", `${Math.min(112, Math.max(36, planes.width * 2))}px`);
  for (let plane = first, i = 0; plane < planes.count; plane += step, ++i) {
    const canvas = canvasOf(planes.width, planes.height, name(i), (at) => shades[data[plane * area + at]!]!);
    grid.append(el("figure", {}, canvas, el("figcaption", {}, String(i))));
  }
  return grid;
}

export function legend(scale: number): HTMLElement {
  return el("div", { class: "net-legend" }, el("span", {}, measure(-scale)), el("span", { class: "net-scale", "aria-hidden": "true" }), el("span", {}, measure(scale)));
}

export function picture(pixels: string, shape: readonly number[], label: string): HTMLCanvasElement {
  const [, channels = 1, height = 1, width = 1] = shape;
  const data = bytes(pixels);
  return canvasOf(width, height, label, (at) => {
    const value = (c: number) => data[at * channels + (channels === 3 ? c : 0)]!;
    return [value(0), value(1), value(2)];
  });
}
