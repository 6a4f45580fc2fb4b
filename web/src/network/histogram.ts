// One histogram with what describes its numbers.
import { el, svg } from "../dom";
import { grouped, measure, share } from "../format";
import { t } from "../i18n";
import type { Histogram } from "./model";

const width = 300;
const height = 64;

export function histogram(title: string, h: Histogram, color: string): HTMLElement {
  const most = Math.max(...h.counts, 1);
  const bar = width / h.counts.length;
  const bars = h.counts.map((counted, i) => {
    // A single element among millions still shows.
    const tall = counted === 0 ? 0 : Math.max(1.5, (counted / most) * (height - 2));
    return svg("rect", { x: i * bar + 0.5, y: height - tall, width: bar - 1, height: tall }, svg("title", {}, grouped(counted)));
  });
  const span = h.max - h.min;
  const zero = h.min < 0 && h.max > 0 ? (-h.min / span) * width : null;
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": `${title}: ${t("netMean")} ${measure(h.mean)}, ${t("netStd")} ${measure(h.std)}` },
    zero === null ? null : svg("line", { class: "zero", x1: zero, x2: zero, y1: 0, y2: height }),
    svg("g", { fill: `var(${color})` }, ...bars),
  );
  const fact = (name: string, value: string) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  return el(
    "figure",
    { class: "net-histogram" },
    el("figcaption", {}, title),
    drawing,
    el("div", { class: "ends" }, el("span", {}, measure(h.min)), el("span", {}, measure(h.max))),
    el(
      "dl",
      {},
      fact(t("netMean"), measure(h.mean)),
      fact(t("netStd"), measure(h.std)),
      fact(t("netNorm"), measure(h.norm)),
      fact(t("netZeros"), share(h.zeros)),
      h.not_finite > 0 ? fact(t("netNotFinite"), grouped(h.not_finite)) : null,
    ),
  );
}
