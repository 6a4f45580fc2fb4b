// A network to play with: settings, its drawing, the plane, the losses, and each step from the inside.
import "../playground/playground.css";
import { ApiError, listen } from "../api";
import { Chart } from "../chart";
import { el } from "../dom";
import { grouped, measure, share } from "../format";
import { t } from "../i18n";
import { remembered, remember } from "../memory";
import { link, type View } from "../router";
import { Curves } from "../playground/curves";
import { Form } from "../playground/form";
import { getChoices, open, Session, unpacked, type Opened, type Phases, type Setup, type State } from "../playground/model";
import { NetworkView, type Place, type Shown } from "../playground/network";
import { phasePanel, phaseStrip, phaseTitle } from "../playground/phases";
import { pictureAt, pictureOf, type Picture } from "../playground/picture";
import { PlaneView } from "../playground/plane";
import { fromLink, toLink, toRequest, type Upload } from "../playground/settings";
import { unitPanel } from "../playground/unit_panel";

const speeds = [1, 5, 20, 100, 0]; // steps a second; 0: as fast as it goes

// What a view leaves behind for a moment: the page is built anew in another language, and the run goes on.
interface Parked {
  session: Session;
  curves: Curves;
  link: string;
  upload: Upload | null;
  timer: number;
}
let parked: Parked | null = null;

export function openPlayground(argument: string): View {
  return new PlaygroundView(argument);
}

class PlaygroundView implements View {
  readonly element = el("section", { class: "playground" });
  private curves = new Curves();
  private readonly chart = new Chart({ label: t("pgLosses"), xLabel: t("step"), height: 200, legend: true });
  private readonly plane = new PlaneView((x, y) => void this.chooseNear(x, y));
  private readonly network = new NetworkView((place) => this.lookAt(place));
  private readonly status = el("p", { class: "status", role: "status", "aria-live": "polite" });
  private readonly problem = el("p", { class: "bad pg-problem", role: "alert", hidden: true });
  private readonly counters = el("dl", { class: "pg-counters" });
  private readonly unit = el("section", { class: "card pg-unit", "aria-label": t("pgUnitPanel") });
  private readonly inside = el("section", { class: "card pg-inside", "aria-label": t("pgInside") });
  private readonly toolbar = el("div", { class: "card pg-toolbar", role: "toolbar", "aria-label": t("pgTraining") });
  private readonly playButton = el("button", { type: "button", class: "primary", "aria-keyshortcuts": "Space", onclick: () => void this.togglePlay() });
  private readonly exampleInput = el("input", { type: "number", min: 1, step: 1, "aria-label": t("pgExample"), onchange: () => void this.chooseTyped() });
  private readonly shownChoice = el("div", { class: "pg-toggle", role: "group", "aria-label": t("pgColours") });
  private form: Form | null = null;
  private session: Session | null = null;
  private setup: Setup | null = null;
  private state: State | null = null;
  private step: Phases | null = null;
  private phase = 0;
  private playing = false;
  private example: number | null = null;
  private place: Place | null = null;
  private shown: Shown = "values";
  private shownBefore: Shown | "" = "";
  private insideBefore = "";
  private speed = Number(remembered("pgSpeed", "20"));
  private endEvents: () => void = () => undefined;
  private timer = 0;
  private closed = false;
  private readonly onKey = (event: KeyboardEvent) => this.key(event);
  private readonly onLeave = () => this.session?.close();

  constructor(argument: string) {
    if (!speeds.includes(this.speed)) this.speed = 20;
    this.element.append(el("div", { class: "title" }, el("h1", {}, t("playground")), this.status), this.problem, el("p", { class: "empty pg-loading" }, t("loading")));
    addEventListener("keydown", this.onKey);
    addEventListener("pagehide", this.onLeave);
    void this.begin(argument);
  }

  close(): void {
    this.closed = true;
    removeEventListener("keydown", this.onKey);
    removeEventListener("pagehide", this.onLeave);
    clearTimeout(this.timer);
    this.endEvents();
    this.park();
    this.chart.close();
    this.plane.close();
    this.network.close();
  }

  private park(): void {
    const { session, form, curves } = this;
    if (!session || !form) return;
    const timer = window.setTimeout(() => {
      parked = null;
      session.close();
    }, 2000);
    parked = { session, curves, link: toLink(form.settings), upload: form.uploaded, timer };
  }

  // Goes on with what was parked. False: there is nothing that fits these settings.
  private async resume(form: Form): Promise<boolean> {
    if (parked?.link !== toLink(form.settings)) return false;
    const { session, curves, timer, upload } = parked;
    parked = null;
    clearTimeout(timer);
    if (upload) form.uploaded = upload;
    this.curves = curves;
    this.setup = await session.setup();
    this.plane.reset(this.setup);
    this.take(await session.state(null));
    this.follow(session);
    return true;
  }

  private async begin(argument: string): Promise<void> {
    await this.attempt(async () => {
      const choices = await getChoices();
      this.form = new Form(fromLink(argument), choices, () => this.changed());
      this.arrange(this.form);
      if (await this.resume(this.form)) return;
      if (this.form.settings.data !== "csv") await this.build();
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
          if (this.playing) void this.attempt(() => this.session!.play(this.speed));
        },
      },
      ...speeds.map((one) => el("option", { value: one }, one === 0 ? t("pgFastest") : t("pgPerSecond", { count: one }))),
    );
    const button = (text: string, keys: string, action: () => Promise<void>) => el("button", { type: "button", "aria-keyshortcuts": keys, title: keys, onclick: () => void action() }, text);
    this.toolbar.append(
      this.playButton,
      button(t("pgStep"), ".", () => this.takeStep()),
      button(t("pgReset"), "R", () => this.build()),
      el("label", { class: "pg-speed" }, speed),
      el("span", { class: "spacer" }),
      this.counters,
    );
    const mean = el("button", { type: "button", onclick: () => void this.choose(null) }, t("pgMean"));
    const network = el(
      "section",
      { class: "card" },
      el("div", { class: "controls" }, el("h2", {}, t("pgNetwork")), el("span", { class: "spacer" }), el("label", {}, t("pgExample"), this.exampleInput), mean, this.shownChoice),
      this.network.element,
      el("div", { class: "pg-legend" }, el("span", {}, "−"), el("span", { class: "pg-scale", "aria-hidden": "true" }), el("span", {}, "+"), el("span", { class: "muted" }, t("pgScaleHint"))),
    );
    const plane = el("section", { class: "card" }, el("h2", {}, t("pgPlane")), this.plane.element);
    const losses = el("section", { class: "card" }, el("h2", {}, t("pgLosses")), this.chart.element);
    const main = el("div", { class: "pg-main" }, this.toolbar, network, this.inside);
    const side = el("div", { class: "pg-side" }, plane, losses, this.unit);
    this.element.querySelector(".pg-loading")?.remove();
    this.element.append(el("div", { class: "pg-columns" }, form.element, main, side), el("p", { class: "muted pg-keys" }, t("pgKeys")));
    this.showButtons();
  }

  // Runs what may be refused; the reason stands above everything until the next thing works.
  private async attempt(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
      this.tell("");
    } catch (error) {
      this.tell(error instanceof ApiError ? error.message : t("disconnected"));
    }
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

  // A network and a run of it as the settings say, from step 0.
  private async build(): Promise<void> {
    const { form } = this;
    if (!form || this.closed) return;
    const request = toRequest(form.settings, form.uploaded, form.takesMomentum);
    await this.attempt(async () => {
      const opened = await this.opened(request);
      if (this.closed) return new Session(opened.id).close();
      this.setup = opened.setup;
      this.step = null;
      this.place = null;
      this.playing = false;
      this.insideBefore = "";
      this.curves.reset();
      this.plane.reset(opened.setup);
      this.take(opened.state);
      this.showButtons();
      if (this.session?.id !== opened.id) this.follow(new Session(opened.id));
    });
  }

  // A server that was started anew, or got no word for long, has forgotten the session.
  private async opened(request: Record<string, unknown>): Promise<Opened> {
    if (this.session) {
      try {
        return await this.session.set(request);
      } catch (error) {
        const known = await this.session.state(null).then(() => true, () => false);
        if (known) throw error;
      }
    }
    return open(request);
  }

  private follow(session: Session): void {
    this.endEvents();
    this.session = session;
    const problem = ({ error }: { error: string }) => {
      this.playing = false;
      this.showButtons();
      this.tell(error);
    };
    const state = (packed: Parameters<typeof unpacked>[0]) => {
      this.playing = packed.playing ?? false;
      this.take(unpacked(packed));
      this.showButtons();
    };
    this.endEvents = listen(session.events, { state, problem }, (connected) => this.showStatus(connected));
  }

  private take(state: State): void {
    this.state = state;
    this.example = state.example;
    if (this.step && this.step.step !== state.step) this.step = null;
    this.curves.add(state);
    this.draw();
  }

  private async togglePlay(): Promise<void> {
    const { session } = this;
    if (!session) return;
    this.step = null;
    await this.attempt(() => (this.playing ? session.pause() : session.play(this.speed)));
  }

  private async takeStep(): Promise<void> {
    const { session } = this;
    if (!session) return;
    const inside = this.step !== null;
    await this.attempt(async () => {
      this.take(await session.step());
      if (inside) await this.enter(0);
    });
  }

  // Into the next step, at one of its phases; the last for -1.
  private async enter(phase: number): Promise<void> {
    const { session } = this;
    if (!session) return;
    await this.attempt(async () => {
      if (this.playing) await session.pause();
      const step = await session.phases(this.example);
      this.state = await session.state(this.example);
      this.step = step;
      this.phase = phase < 0 ? step.phases.length - 1 : phase;
      this.draw();
    });
  }

  private async go(phase: number): Promise<void> {
    if (!this.step) return this.enter(Math.min(phase, 0));
    if (phase < 0) return;
    if (phase >= this.step.phases.length) return this.takeStep();
    this.phase = phase;
    // What is coloured follows what is computed.
    this.shown = this.step.phases[phase]!.stage === "backward" ? "gradients" : "values";
    this.draw();
  }

  private async choose(example: number | null): Promise<void> {
    const { session } = this;
    if (!session) return;
    await this.attempt(async () => {
      const state = await session.choose(example);
      const phase = this.step ? this.phase : -1;
      this.take(state);
      if (phase >= 0) await this.enter(phase);
    });
  }

  private async chooseTyped(): Promise<void> {
    const number = this.exampleInput.valueAsNumber;
    await this.choose(Number.isFinite(number) && number >= 1 ? Math.round(number) - 1 : null);
  }

  private async chooseNear(x: number, y: number): Promise<void> {
    const { state } = this;
    if (!state) return;
    const { plane, batch } = state;
    let best = 0;
    let least = Infinity;
    for (let i = 0; i < batch.x.length; ++i) {
      const distance = Math.hypot((batch.x[i]! - x) / (plane.x[1] - plane.x[0]), (batch.y[i]! - y) / (plane.y[1] - plane.y[0]));
      if (distance < least) [best, least] = [i, distance];
    }
    await this.choose(best);
  }

  private lookAt(place: Place): void {
    if (this.place?.column === place.column && this.place.unit === place.unit) return;
    this.place = place;
    this.network.mark(place);
    this.showUnit();
  }

  private picture(): Picture | null {
    const { setup, state, step } = this;
    if (!setup || !state) return null;
    return step ? pictureAt(setup, state, step, this.phase) : pictureOf(setup, state);
  }

  private draw(): void {
    const { setup, state } = this;
    const picture = this.picture();
    if (!setup || !state || !picture) return;
    this.network.show(picture, this.shown);
    this.plane.show(state);
    this.curves.draw(this.chart, setup.test !== null);
    this.showCounters(state);
    this.showShown();
    this.showInside(setup);
    this.showUnit();
    this.exampleInput.max = String(state.examples);
    this.exampleInput.placeholder = t("pgMean");
    if (document.activeElement !== this.exampleInput) this.exampleInput.value = state.example === null ? "" : String(state.example + 1);
  }

  private showCounters(state: State): void {
    const entry = (name: string, value: string) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
    const scores = (one: State["train"] | null) => (one ? `${measure(one.loss)}${one.accuracy === null ? "" : ` · ${share(one.accuracy)}`}` : "–");
    this.counters.replaceChildren(
      entry(t("step"), grouped(state.step)),
      entry(t("epoch"), grouped(state.epoch)),
      entry(t("pgTrain"), scores(state.train)),
      entry(t("pgTest"), scores(state.test)),
    );
  }

  private showShown(): void {
    if (this.shownBefore === this.shown) return;
    this.shownBefore = this.shown;
    const choice = (shown: Shown, text: string) => el("button", { type: "button", "aria-pressed": String(this.shown === shown), onclick: () => { this.shown = shown; this.draw(); } }, text);
    const focused = this.shownChoice.contains(document.activeElement);
    this.shownChoice.replaceChildren(choice("values", t("pgShowValues")), choice("gradients", t("pgShowGradients")));
    if (focused) this.shownChoice.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
  }

  // Built anew only when it differs: buttons that are replaced lose clicks.
  private showInside(setup: Setup): void {
    const { step } = this;
    const what = step ? `${step.step} ${step.example} ${this.phase}` : "out";
    if (this.insideBefore === what) return;
    this.insideBefore = what;
    const button = (text: string, keys: string, action: () => Promise<void>, disabled = false) => el("button", { type: "button", title: keys, "aria-keyshortcuts": keys, "data-go": keys, disabled, onclick: () => void action() }, text);
    const focused = (document.activeElement as HTMLElement | null)?.dataset["go"];
    if (!step) {
      this.inside.replaceChildren(
        el("div", { class: "controls" }, el("h2", {}, t("pgInside")), el("span", { class: "spacer" }), button(t("pgEnter"), "]", () => this.enter(0))),
        el("p", { class: "muted" }, t("pgInsideHint")),
      );
    } else {
      const phase = step.phases[this.phase]!;
      const last = this.phase === step.phases.length - 1;
      this.inside.replaceChildren(
        el(
          "div",
          { class: "controls" },
          el("h2", { "aria-live": "polite" }, t("pgPhase", { number: this.phase + 1, count: step.phases.length }), " ", phaseTitle(phase)),
          el("span", { class: "spacer" }),
          button(t("pgPrevious"), "[", () => this.go(this.phase - 1), this.phase === 0),
          button(last ? t("pgTakeStep") : t("pgNext"), "]", () => this.go(this.phase + 1)),
          button(t("pgLeave"), "Escape", async () => this.leave()),
        ),
        phaseStrip(step, this.phase, (at) => void this.go(at)),
        phasePanel(setup, step, this.phase),
      );
    }
    if (focused) this.inside.querySelector<HTMLElement>(`[data-go="${CSS.escape(focused)}"]:not(:disabled)`)?.focus();
  }

  private leave(): void {
    this.step = null;
    this.draw();
  }

  private showUnit(): void {
    const picture = this.picture();
    if (!this.setup || !this.state || !picture || !this.place) {
      this.unit.replaceChildren(el("h2", {}, t("pgUnitPanel")), el("p", { class: "muted" }, t("pgUnitHint")));
      return;
    }
    this.unit.replaceChildren(el("h2", {}, t("pgUnitPanel")), unitPanel(this.setup, this.state, picture, this.place));
  }

  private showButtons(): void {
    this.playButton.textContent = this.playing ? `❚❚ ${t("pgPause")}` : `▶ ${t("pgPlay")}`;
  }

  private showStatus(connected = true): void {
    this.status.textContent = connected ? (this.setup ? "" : t("pgCsvHint")) : t("disconnected");
    this.status.classList.toggle("bad", !connected);
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea")) return;
    if (event.key === " " && target.closest("button, a")) return;
    const actions: Record<string, () => unknown> = {
      " ": () => this.togglePlay(),
      ".": () => this.takeStep(),
      "[": () => this.go(this.phase - 1),
      "]": () => this.go(this.phase + 1),
      r: () => this.build(),
      Escape: () => this.leave(),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }
}
