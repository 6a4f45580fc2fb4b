// Inside one step: forward, loss, backward layer by layer, update; each phase with its formulas and numbers.
import { el } from "../dom";
import { measure } from "../format";
import { t, type Key } from "../i18n";
import { css, diverging, palette } from "./palette";
import type { Phase, PhaseArray, Phases, Setup } from "./model";
import { largest } from "./picture";

const mostRows = 16;
const mostColumns = 16;

export function phaseTitle(phase: Phase): string {
  return `${t(`pgStage_${phase.stage}` as Key)} · ${phase.stage === "loss" ? phase.kind : phase.kind === "" ? phase.path : `${phase.path} (${phase.kind})`}`;
}

// One button for each phase, grouped by stage.
export function phaseStrip(step: Phases, at: number, go: (phase: number) => void): HTMLElement {
  const groups = (["forward", "loss", "backward", "update"] as const).map((stage) => {
    const buttons = step.phases.map((phase, i) =>
      phase.stage !== stage
        ? null
        : el("button", { type: "button", class: i === at ? "pg-tick now" : i < at ? "pg-tick done" : "pg-tick", "aria-label": phaseTitle(phase), title: phaseTitle(phase), "aria-current": i === at ? "step" : null, onclick: () => go(i) }),
    );
    return el("div", { class: "pg-stage" }, el("span", { class: "pg-stage-name" }, t(`pgStage_${stage}` as Key)), el("div", { class: "pg-ticks" }, ...buttons));
  });
  return el("div", { class: "pg-strip" }, ...groups);
}

export function phasePanel(setup: Setup, step: Phases, at: number): HTMLElement {
  const phase = step.phases[at]!;
  const arrays = phase.stage === "forward" && at === 0 ? [step.batch[0]!, ...phase.arrays] : phase.stage === "loss" ? [...step.batch.slice(1), ...phase.arrays] : phase.arrays;
  return el(
    "div",
    { class: "pg-phase" },
    el("p", { class: "muted" }, t(`pgAbout_${phase.stage}` as Key, { lr: measure(step.lr), optimizer: setup.optimizer })),
    ...arrays.map((array) => arrayBlock(array, step)),
  );
}

function arrayBlock(array: PhaseArray, step: Phases): HTMLElement {
  const formula = array.formula === "" ? array.symbol : `${array.symbol} = ${array.formula}`;
  const size = array.shape.length === 0 ? "" : `[${array.shape.join(" × ")}]`;
  const which = array.by_example ? (step.example === null ? t("pgMeanOf", { count: step.examples }) : t("pgExampleOf", { number: step.example + 1, count: step.examples })) : "";
  return el(
    "section",
    { class: "pg-array", "data-symbol": array.symbol },
    el("div", { class: "pg-formula" }, el("code", {}, formula), el("span", { class: "muted" }, [array.name, size, which].filter((part) => part !== "").join(" · "))),
    matrix(array),
  );
}

// The numbers, coloured; of large arrays the first rows and columns.
function matrix(array: PhaseArray): HTMLElement {
  const columns = array.by_example || array.shape.length < 2 ? array.values.length : array.shape[array.shape.length - 1]!;
  const rows = columns === 0 ? 0 : array.values.length / columns;
  const colors = palette();
  const most = largest(array.values) || 1;
  const cell = (value: number | null) => {
    const td = el("td", { title: String(value) }, measure(value));
    td.style.background = css(diverging(colors, (value ?? 0) / most, 0.45));
    return td;
  };
  const line = (row: number) => {
    const values = array.values.slice(row * columns, row * columns + Math.min(columns, mostColumns));
    return el("tr", {}, ...values.map(cell), columns > mostColumns ? el("td", { class: "muted" }, "…") : null);
  };
  const lines = Array.from({ length: Math.min(rows, mostRows) }, (_, row) => line(row));
  const rest = rows > mostRows || columns > mostColumns ? el("p", { class: "muted pg-rest" }, t("pgSummary", { mean: measure(array.mean), min: measure(array.min), max: measure(array.max), norm: measure(array.norm) })) : null;
  return el("div", {}, el("div", { class: "scroll" }, el("table", { class: "pg-matrix" }, el("tbody", {}, ...lines))), rest);
}
