// The settings of several runs, a column each.
import { el } from "../dom";
import { t } from "../i18n";
import type { Run } from "../runs_data";

export function settingsTable(runs: readonly Run[], colors: ReadonlyMap<string, string>, onlyDifferences: boolean): HTMLElement {
  const keys = [...new Set(runs.flatMap((run) => Object.keys(run.settings)))];
  const differs = (key: string) => new Set(runs.map((run) => String(run.settings[key]))).size > 1;
  const shown = keys.filter((key) => !onlyDifferences || runs.length === 1 || differs(key));
  if (shown.length === 0) return el("p", { class: "muted" }, t("noDifferences"));
  const head = runs.map((run) => {
    const dot = el("span", { class: "dot" });
    dot.style.background = `var(${colors.get(run.name) ?? "--muted"})`;
    return el("th", { scope: "col" }, dot, run.name);
  });
  const rows = shown.map((key) =>
    el("tr", {}, el("th", { scope: "row" }, el("code", {}, key)), ...runs.map((run) => el("td", { class: differs(key) ? "differs" : null }, String(run.settings[key] ?? "–")))),
  );
  return el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, el("td", {}), ...head)), el("tbody", {}, ...rows)));
}
