// The way through one step: which phase it is at, where to go, and the phase's numbers.
import { el } from "../dom";
import { t } from "../i18n";
import type { Phases, Setup } from "./model";
import { phasePanel, phaseStrip, phaseTitle } from "./phases";

export class InsidePanel {
  readonly element = el("section", { class: "card pg-inside", "aria-label": t("pgInside") });
  private shown = "";

  // `go` to a phase, from 0: into the step if need be; behind the last one the step is taken.
  constructor(private readonly go: (phase: number) => Promise<void>, private readonly leave: () => void) {}

  reset(): void {
    this.shown = "";
  }

  // Built anew only when it differs: buttons that are replaced lose clicks.
  show(setup: Setup, step: Phases | null, at: number): void {
    const what = step ? `${step.step} ${step.example} ${at}` : "out";
    if (this.shown === what) return;
    this.shown = what;
    const focused = (document.activeElement as HTMLElement | null)?.dataset["go"];
    this.element.replaceChildren(...(step ? this.within(setup, step, at) : this.outside()));
    if (focused) this.element.querySelector<HTMLElement>(`[data-go="${CSS.escape(focused)}"]:not(:disabled)`)?.focus();
  }

  private button(text: string, keys: string, action: () => unknown, disabled = false): HTMLElement {
    return el("button", { type: "button", title: keys, "aria-keyshortcuts": keys, "data-go": keys, disabled, onclick: () => void action() }, text);
  }

  private outside(): HTMLElement[] {
    const enter = this.button(t("pgEnter"), "]", () => this.go(0));
    return [el("div", { class: "controls" }, el("h2", {}, t("pgInside")), el("span", { class: "spacer" }), enter), el("p", { class: "muted" }, t("pgInsideHint"))];
  }

  private within(setup: Setup, step: Phases, at: number): HTMLElement[] {
    const last = at === step.phases.length - 1;
    const bar = el(
      "div",
      { class: "controls" },
      el("h2", { "aria-live": "polite" }, t("pgPhase", { number: at + 1, count: step.phases.length }), " ", phaseTitle(step.phases[at]!)),
      el("span", { class: "spacer" }),
      this.button(t("pgPrevious"), "[", () => this.go(at - 1), at === 0),
      this.button(last ? t("pgTakeStep") : t("pgNext"), "]", () => this.go(at + 1)),
      this.button(t("pgLeave"), "Escape", this.leave),
    );
    return [bar, phaseStrip(step, at, (phase) => void this.go(phase)), phasePanel(setup, step, at)];
  }
}
