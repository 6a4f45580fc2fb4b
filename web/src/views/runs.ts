// All runs of the folder: a chart of those chosen, the table, their settings side by side.
import { Chart, type Line } from "../chart";
import { el } from "../dom";
import { duration, grouped, measure, share } from "../format";
import { t } from "../i18n";
import { remembered, remember } from "../memory";
import { link, type View } from "../router";
import { History, RunsData, type Run } from "../runs_data";
import { axes, curve, joined, metrics, smoothed, type Axis, type Metric } from "../series";
import { settingsTable } from "./settings_table";

const colors = 8;
const chosenAtFirst = 6;

export function openRuns(): View {
  return new RunsView();
}

class RunsView implements View {
  readonly element = el("section", { class: "runs", "aria-busy": true });
  private readonly chart = new Chart({ label: t("runs"), xLabel: t("step"), height: 320, legend: true });
  private readonly data = new RunsData((names) => void this.changed(names));
  private readonly histories = new Map<string, History>();
  private readonly chosen = new Map<string, string>(); // name -> colour
  private readonly table = el("div", { class: "scroll" });
  private readonly settings = el("section", { class: "card settings" });
  private readonly status = el("p", { class: "status", role: "status", "aria-live": "polite" });
  private readonly empty = el("div", { class: "empty" });
  private readonly content = el("div", { class: "stack" });
  private filter = "";
  private metric = remembered("metric", "trainLoss") as Metric;
  private axis = remembered("axis", "axisStep") as Axis;
  private smoothing = Number(remembered("smoothing", "0.6"));
  private logScale = remembered("log", "") === "1";
  private onlyDifferences = true;
  private chosenOnce = false;

  constructor() {
    if (!metrics.includes(this.metric)) this.metric = "trainLoss";
    if (!axes.includes(this.axis)) this.axis = "axisStep";
    const chartCard = el("section", { class: "card" }, this.controls(), this.chart.element);
    const tableCard = el("section", { class: "card flush" }, this.table);
    this.content.append(chartCard, tableCard, this.settings);
    this.content.hidden = true;
    this.element.append(el("div", { class: "title" }, el("h1", {}, t("runs")), this.status), this.empty, this.content);
    this.empty.textContent = t("loading");
  }

  close(): void {
    this.data.close();
    this.chart.close();
  }

  private controls(): HTMLElement {
    const choice = <T extends "metric" | "axis">(key: T, names: readonly (Metric | Axis)[]) =>
      el(
        "label",
        {},
        el("span", {}, t(key)),
        el(
          "select",
          {
            onchange: (event: Event) => {
              const value = (event.target as HTMLSelectElement).value;
              if (key === "metric") this.metric = value as Metric;
              else this.axis = value as Axis;
              remember(key, value);
              this.draw();
            },
            value: key === "metric" ? this.metric : this.axis,
          },
          ...names.map((name) => el("option", { value: name }, t(name))),
        ),
      );
    const shown = el("output", {}, this.smoothing.toFixed(2));
    return el(
      "div",
      { class: "controls" },
      choice("metric", metrics),
      choice("axis", axes),
      el(
        "label",
        {},
        el("span", {}, t("smoothing")),
        el("input", {
          type: "range", min: 0, max: 0.99, step: 0.01, value: this.smoothing,
          oninput: (event: Event) => {
            this.smoothing = Number((event.target as HTMLInputElement).value);
            shown.textContent = this.smoothing.toFixed(2);
            remember("smoothing", String(this.smoothing));
            this.draw();
          },
        }),
        shown,
      ),
      el(
        "label",
        { class: "check" },
        el("input", {
          type: "checkbox", checked: this.logScale,
          onchange: (event: Event) => {
            this.logScale = (event.target as HTMLInputElement).checked;
            remember("log", this.logScale ? "1" : "");
            this.draw();
          },
        }),
        t("logScale"),
      ),
      el("span", { class: "spacer" }),
      el(
        "label",
        {},
        el("span", {}, t("filter")),
        el("input", {
          type: "search", placeholder: t("filterHint"),
          oninput: (event: Event) => {
            this.filter = (event.target as HTMLInputElement).value.toLowerCase();
            this.show();
          },
        }),
      ),
    );
  }

  private matches(run: Run): boolean {
    const text = [run.name, ...Object.entries(run.settings).map(([key, value]) => `${key}=${value}`)].join(" ").toLowerCase();
    return this.filter.split(/\s+/).every((word) => text.includes(word));
  }

  private async changed(names: readonly string[]): Promise<void> {
    this.element.removeAttribute("aria-busy");
    for (const name of this.chosen.keys()) if (!this.data.runs.has(name)) this.chosen.delete(name);
    if (!this.chosenOnce && this.data.runs.size > 0) {
      this.chosenOnce = true;
      for (const run of [...this.data.runs.values()].slice(0, chosenAtFirst)) this.choose(run.name, true);
    }
    this.show();
    await this.update(names);
  }

  private async update(names: readonly string[]): Promise<void> {
    const wanted = names.filter((name) => this.chosen.has(name));
    // A long history keeps no short one waiting.
    const draw = (changed: boolean) => { if (changed) this.draw(); };
    await Promise.allSettled(wanted.map((name) => this.history(name).update().then(draw)));
  }

  private history(name: string): History {
    const known = this.histories.get(name) ?? new History(name);
    this.histories.set(name, known);
    return known;
  }

  private choose(name: string, chosen: boolean): void {
    if (!chosen) {
      this.chosen.delete(name);
      return;
    }
    const used = new Set(this.chosen.values());
    let number = 1;
    while (used.has(`--run-${number}`) && number < colors) ++number;
    this.chosen.set(name, `--run-${number}`);
  }

  private show(): void {
    const runs = [...this.data.runs.values()];
    this.status.textContent = this.data.connected ? this.data.dir : t("disconnected");
    this.status.classList.toggle("bad", !this.data.connected);
    this.content.hidden = runs.length === 0;
    this.empty.hidden = runs.length > 0;
    if (runs.length === 0) {
      const command = `gradus train --data make_moons --epochs 20 --out ${this.data.dir}/first`;
      this.empty.replaceChildren(el("p", { class: "big" }, t("noRuns")), el("p", {}, t("noRunsHint")), el("code", {}, command));
      return;
    }
    this.showTable(runs.filter((run) => this.matches(run)));
    const chosen = runs.filter((run) => this.chosen.has(run.name));
    const onlyDifferences = el("input", {
      type: "checkbox", checked: this.onlyDifferences,
      onchange: (event: Event) => {
        this.onlyDifferences = (event.target as HTMLInputElement).checked;
        this.show();
      },
    });
    this.settings.replaceChildren(
      el("div", { class: "controls" }, el("h2", {}, t("settingsSideBySide")), el("span", { class: "spacer" }), el("label", { class: "check" }, onlyDifferences, t("onlyDifferences"))),
      chosen.length === 0 ? el("p", { class: "muted" }, t("chooseRuns")) : settingsTable(chosen, this.chosen, this.onlyDifferences),
    );
    this.draw();
  }

  private showTable(runs: readonly Run[]): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset["run"];
    const head = ["", t("name"), t("state"), t("step"), t("epoch"), t("time"), t("loss"), t("valLossShort"), t("valAccuracyShort"), t("testAccuracyShort"), t("model"), t("optimizer"), t("data")];
    const numeric = new Set([3, 4, 5, 6, 7, 8, 9]);
    const rows = runs.map((run) => {
      const color = this.chosen.get(run.name);
      const box = el("input", {
        type: "checkbox", checked: color !== undefined, "aria-label": t("showInChart", { name: run.name }), "data-run": run.name,
        onchange: (event: Event) => {
          this.choose(run.name, (event.target as HTMLInputElement).checked);
          this.show();
          void this.update([run.name]);
        },
      });
      if (color) box.style.accentColor = `var(${color})`;
      const settings = run.settings;
      const cells = [
        el("a", { href: link("run", run.name) }, run.name), stateBadge(run), grouped(run.step), grouped(run.epoch), duration(run.seconds),
        measure(run.train?.loss ?? run.loss), measure(run.val?.loss), share(run.val?.accuracy), share(run.test?.accuracy),
        String(settings["model"] ?? "–"), String(settings["optimizer"] ?? "–"), String(settings["data"] ?? "–"),
      ];
      return el("tr", {}, el("td", {}, box), ...cells.map((cell, i) => el(i === 0 ? "th" : "td", { scope: i === 0 ? "row" : null, class: numeric.has(i + 1) ? "number" : i > 8 ? "clip" : null, title: i > 8 ? String(cell) : null }, cell)));
    });
    this.table.replaceChildren(
      el("table", {}, el("thead", {}, el("tr", {}, ...head.map((text, i) => el("th", { scope: "col", class: numeric.has(i) ? "number" : null }, text)))), el("tbody", {}, ...rows)),
      rows.length === 0 ? el("p", { class: "empty" }, t("noMatch")) : "",
    );
    if (focused) this.table.querySelector<HTMLElement>(`[data-run="${CSS.escape(focused)}"]`)?.focus();
  }

  private draw(): void {
    const lines: Line[] = [];
    const curves = [];
    for (const [name, color] of this.chosen) {
      const raw = curve(this.history(name), this.metric, this.axis);
      if (this.smoothing > 0) {
        lines.push({ label: name, color, faint: true, width: 1 });
        curves.push(raw);
      }
      lines.push({ label: name, color });
      curves.push({ x: raw.x, y: smoothed(raw.y, this.smoothing) });
    }
    const positive = this.logScale ? curves.map((one) => ({ x: one.x, y: one.y.map((value) => (value !== null && value > 0 ? value : null)) })) : curves;
    this.chart.set(lines, joined(positive), { xLabel: t(this.axis), label: t(this.metric), logScale: this.logScale });
  }
}

export function stateBadge(run: Run): HTMLElement {
  return el("span", { class: `badge ${run.state}` }, t(`state_${run.state}`));
}
