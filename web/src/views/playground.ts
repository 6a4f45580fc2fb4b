// A network to play with: settings, its drawing, the plane, the losses, and each step from the inside.
import "../playground/playground.css";
import { Chart } from "../chart";
import { el } from "../dom";
import { t } from "../i18n";
import { remembered, remember } from "../memory";
import { link, type View } from "../router";
import { counters } from "../playground/counters";
import { Form } from "../playground/form";
import { InsidePanel } from "../playground/inside_panel";
import { Live } from "../playground/live";
import { getChoices, type Setup } from "../playground/model";
import { NetworkView, type Place, type Shown } from "../playground/network";
import { pictureAt, pictureOf, type Picture } from "../playground/picture";
import { PlaneView } from "../playground/plane";
import { fromLink, toLink } from "../playground/settings";
import { unitPanel } from "../playground/unit_panel";

const speeds = [1, 5, 20, 100, 0]; // steps a second; 0: as fast as it goes

export function openPlayground(argument: string): View {
  return new PlaygroundView(argument);
}

class PlaygroundView implements View {
  readonly element = el("section", { class: "playground" });
  private readonly live = new Live({
    changed: () => this.draw(),
    rebuilt: (setup) => this.rebuilt(setup),
    refused: (problem) => this.tell(problem),
    connected: (connected) => this.showStatus(connected),
  });
  private readonly chart = new Chart({ label: t("pgLosses"), xLabel: t("step"), height: 200, legend: true });
  private readonly plane = new PlaneView((x, y) => void this.chooseNear(x, y));
  private readonly network = new NetworkView((place) => this.lookAt(place));
  private readonly status = el("p", { class: "status", role: "status", "aria-live": "polite" });
  private readonly problem = el("p", { class: "bad pg-problem", role: "alert", hidden: true });
  private readonly counters = el("dl", { class: "pg-counters" });
  private readonly unit = el("section", { class: "card pg-unit", "aria-label": t("pgUnitPanel") });
  private readonly inside = new InsidePanel((phase) => this.live.go(phase), () => this.live.leaveStep());
  private readonly toolbar = el("div", { class: "card pg-toolbar", role: "toolbar", "aria-label": t("pgTraining") });
  private readonly playButton = el("button", { type: "button", class: "primary", "aria-keyshortcuts": "Space", onclick: () => void this.live.togglePlay(this.speed) });
  private readonly exampleInput = el("input", { type: "number", min: 1, step: 1, "aria-label": t("pgExample"), onchange: () => void this.chooseTyped() });
  private readonly shownChoice = el("div", { class: "pg-toggle", role: "group", "aria-label": t("pgColours") });
  private form: Form | null = null;
  private place: Place | null = null;
  private shown: Shown = "values";
  private shownBefore: Shown | "" = "";
  private stageBefore = "";
  private speed = Number(remembered("pgSpeed", "20"));
  private timer = 0;
  private readonly onKey = (event: KeyboardEvent) => this.key(event);
  private readonly onLeave = () => this.live.leave();

  constructor(argument: string) {
    if (!speeds.includes(this.speed)) this.speed = 20;
    this.element.append(el("div", { class: "title" }, el("h1", {}, t("playground")), this.status), this.problem, el("p", { class: "empty pg-loading" }, t("loading")));
    addEventListener("keydown", this.onKey);
    addEventListener("pagehide", this.onLeave);
    void this.begin(argument);
  }

  close(): void {
    removeEventListener("keydown", this.onKey);
    removeEventListener("pagehide", this.onLeave);
    clearTimeout(this.timer);
    this.live.close(this.form);
    this.chart.close();
    this.plane.close();
    this.network.close();
  }

  private async begin(argument: string): Promise<void> {
    await this.live.attempt(async () => {
      const choices = await getChoices();
      this.form = new Form(fromLink(argument), choices, () => this.changed());
      this.arrange(this.form);
      if (await this.live.resume(this.form)) return;
      if (this.form.settings.data !== "csv") await this.live.build(this.form);
      else this.showStatus();
    });
  }

  private arrange(form: Form): void {
    const speed = el(
      "select",
      {
        "aria-label": t("pgSpeed"), value: this.speed,
        onchange: (event: Event) => {
          this.speed = Number((event.target as HTMLSelectElement).value);
          remember("pgSpeed", String(this.speed));
          this.live.setSpeed(this.speed);
        },
      },
      ...speeds.map((one) => el("option", { value: one }, one === 0 ? t("pgFastest") : t("pgPerSecond", { count: one }))),
    );
    const button = (text: string, keys: string, action: () => Promise<void>) => el("button", { type: "button", "aria-keyshortcuts": keys, title: keys, onclick: () => void action() }, text);
    this.toolbar.append(
      this.playButton,
      button(t("pgStep"), ".", () => this.live.takeStep()),
      button(t("pgReset"), "R", () => this.build()),
      el("label", { class: "pg-speed" }, speed),
      el("span", { class: "spacer" }),
      this.counters,
    );
    const mean = el("button", { type: "button", onclick: () => void this.live.choose(null) }, t("pgMean"));
    const network = el(
      "section",
      { class: "card" },
      el("div", { class: "controls" }, el("h2", {}, t("pgNetwork")), el("span", { class: "spacer" }), el("label", {}, t("pgExample"), this.exampleInput), mean, this.shownChoice),
      this.network.element,
      el("div", { class: "pg-legend" }, el("span", {}, "−"), el("span", { class: "pg-scale", "aria-hidden": "true" }), el("span", {}, "+"), el("span", { class: "muted" }, t("pgScaleHint"))),
    );
    const plane = el("section", { class: "card" }, el("h2", {}, t("pgPlane")), this.plane.element);
    const losses = el("section", { class: "card" }, el("h2", {}, t("pgLosses")), this.chart.element);
    const main = el("div", { class: "pg-main" }, this.toolbar, network, this.inside.element);
    const side = el("div", { class: "pg-side" }, plane, losses, this.unit);
    this.element.querySelector(".pg-loading")?.remove();
    this.element.append(el("div", { class: "pg-columns" }, form.element, main, side), el("p", { class: "muted pg-keys" }, t("pgKeys")));
    this.showButtons();
  }

  private tell(problem: string): void {
    this.problem.hidden = problem === "";
    if (this.problem.textContent !== problem) this.problem.textContent = problem;
  }

  private changed(): void {
    const { form } = this;
    if (!form) return;
    history.replaceState(null, "", link("playground", toLink(form.settings)));
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.build(), 200);
  }

  private async build(): Promise<void> {
    if (this.form) await this.live.build(this.form);
  }

  private rebuilt(setup: Setup): void {
    this.place = null;
    this.inside.reset();
    this.plane.reset(setup);
  }

  private async chooseTyped(): Promise<void> {
    const number = this.exampleInput.valueAsNumber;
    await this.live.choose(Number.isFinite(number) && number >= 1 ? Math.round(number) - 1 : null);
  }

  private async chooseNear(x: number, y: number): Promise<void> {
    const { state } = this.live;
    if (!state) return;
    const { plane, batch } = state;
    let best = 0;
    let least = Infinity;
    for (let i = 0; i < batch.x.length; ++i) {
      const distance = Math.hypot((batch.x[i]! - x) / (plane.x[1] - plane.x[0]), (batch.y[i]! - y) / (plane.y[1] - plane.y[0]));
      if (distance < least) [best, least] = [i, distance];
    }
    await this.live.choose(best);
  }

  private lookAt(place: Place): void {
    if (this.place?.column === place.column && this.place.unit === place.unit) return;
    this.place = place;
    this.network.mark(place);
    this.showUnit();
  }

  private picture(): Picture | null {
    const { setup, state, step, phase } = this.live;
    if (!setup || !state) return null;
    return step ? pictureAt(setup, state, step, phase) : pictureOf(setup, state);
  }

  private draw(): void {
    const { setup, state, step, phase } = this.live;
    this.showButtons();
    const picture = this.picture();
    if (!setup || !state || !picture) return;
    // What is coloured follows what is computed.
    const stage = step ? step.phases[phase]!.stage : "";
    if (stage !== this.stageBefore && stage !== "") this.shown = stage === "backward" ? "gradients" : "values";
    this.stageBefore = stage;
    this.network.show(picture, this.shown);
    this.plane.show(state);
    this.live.curves.draw(this.chart, setup.test !== null);
    this.counters.replaceChildren(...counters(state));
    this.showShown();
    this.inside.show(setup, step, phase);
    this.showUnit();
    this.exampleInput.max = String(state.examples);
    this.exampleInput.placeholder = t("pgMean");
    if (document.activeElement !== this.exampleInput) this.exampleInput.value = state.example === null ? "" : String(state.example + 1);
  }

  private showShown(): void {
    if (this.shownBefore === this.shown) return;
    this.shownBefore = this.shown;
    const choice = (shown: Shown, text: string) => el("button", { type: "button", "aria-pressed": String(this.shown === shown), onclick: () => { this.shown = shown; this.draw(); } }, text);
    const focused = this.shownChoice.contains(document.activeElement);
    this.shownChoice.replaceChildren(choice("values", t("pgShowValues")), choice("gradients", t("pgShowGradients")));
    if (focused) this.shownChoice.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
  }

  private showUnit(): void {
    const { setup, state } = this.live;
    const picture = this.picture();
    if (!setup || !state || !picture || !this.place) {
      this.unit.replaceChildren(el("h2", {}, t("pgUnitPanel")), el("p", { class: "muted" }, t("pgUnitHint")));
      return;
    }
    this.unit.replaceChildren(el("h2", {}, t("pgUnitPanel")), unitPanel(setup, state, picture, this.place));
  }

  private showButtons(): void {
    this.playButton.textContent = this.live.playing ? `❚❚ ${t("pgPause")}` : `▶ ${t("pgPlay")}`;
  }

  private showStatus(connected = true): void {
    this.status.textContent = connected ? (this.live.setup ? "" : t("pgCsvHint")) : t("disconnected");
    this.status.classList.toggle("bad", !connected);
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea")) return;
    if (event.key === " " && target.closest("button, a")) return;
    const actions: Record<string, () => unknown> = {
      " ": () => this.live.togglePlay(this.speed),
      ".": () => this.live.takeStep(),
      "[": () => this.live.go(this.live.phase - 1),
      "]": () => this.live.go(this.live.phase + 1),
      r: () => this.build(),
      Escape: () => this.live.leaveStep(),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }
}
