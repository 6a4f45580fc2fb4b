// One unit in numbers: what each layer makes of it, and the weights that lead to it.
import { el } from "../dom";
import { measure } from "../format";
import { t } from "../i18n";
import type { Setup, State } from "./model";
import type { Place } from "./network";
import type { Picture } from "./picture";

export function unitPanel(setup: Setup, state: State, picture: Picture, { column: c, unit }: Place): HTMLElement {
  const column = picture.columns[c];
  if (!column || unit >= column.units) return el("div");
  const number = (value: number | null | undefined) => el("td", { class: "number" }, measure(value));
  const head = (...texts: string[]) => el("thead", {}, el("tr", {}, ...texts.map((text, i) => el("th", { scope: "col", class: i > 0 ? "number" : null }, text))));
  const title = el("h3", {}, c === 0 ? `${t("pgInputs")}: ${column.names[unit]}` : t("pgUnit", { column: column.label, unit: unit + 1 }));
  if (c === 0) return el("div", {}, title, el("table", {}, head("", t("pgValue")), el("tbody", {}, el("tr", {}, el("th", { scope: "row" }, column.names[unit]), number(column.values?.[unit])))));
  const layers = column.layers.map((place) =>
    el("tr", {}, el("th", { scope: "row" }, setup.layers[place]!.kind), number(state.units[place]?.[unit]), number(state.unit_gradients[place]?.[unit])),
  );
  const before = picture.columns[c - 1]!;
  const parameter = (place: number, index: number) => [number(picture.weights[place]?.[index]), number(picture.weightGradients[place]?.[index])];
  const weights = Array.from({ length: before.units }, (_, i) =>
    el("tr", {}, el("th", { scope: "row" }, `w ← ${before.names[i] ?? i + 1}`), ...parameter(column.weight, unit * before.units + i)),
  );
  return el(
    "div",
    {},
    title,
    el("table", {}, head("", t("pgValue"), t("pgGradient")), el("tbody", {}, ...layers, el("tr", {}, el("th", { scope: "row" }, "b"), ...parameter(column.bias, unit)), ...weights)),
  );
}
