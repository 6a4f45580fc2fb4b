// Colours of numbers: orange below zero, blue above, which people with any colour vision tell apart; and
// colours of classes (after Okabe and Ito 2008).
import { color } from "../theme";

export type Rgb = readonly [number, number, number];

function parse(hex: string): Rgb {
  const value = parseInt(hex.slice(1, 7), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const at = Math.min(Math.max(share, 0), 1);
  return [0, 1, 2].map((i) => Math.round(from[i]! + (to[i]! - from[i]!) * at)) as unknown as Rgb;
}

export function css(rgb: Rgb, alpha = 1): string {
  return `rgb(${rgb[0]} ${rgb[1]} ${rgb[2]} / ${alpha})`;
}

export interface Palette {
  card: Rgb;
  ink: Rgb;
  muted: Rgb;
  accent: Rgb;
  positive: Rgb;
  negative: Rgb;
  classes: readonly Rgb[];
}

export const classCount = 10;

export function palette(): Palette {
  const classes = Array.from({ length: classCount }, (_, i) => parse(color(`--class-${i}`)));
  return {
    card: parse(color("--card")),
    ink: parse(color("--ink")),
    muted: parse(color("--muted")),
    accent: parse(color("--accent")),
    positive: parse(color("--positive")),
    negative: parse(color("--negative")),
    classes,
  };
}

// `share` in [-1, 1] of the strongest colour.
export function diverging(colors: Palette, share: number, strength = 1): Rgb {
  return mix(colors.card, share < 0 ? colors.negative : colors.positive, Math.abs(share) * strength);
}
