// One run, live while it trains: progress, orders, curves, gradient norms, layers, events, report.
import { ApiError, post } from "../api";
import { Chart, type Line } from "../chart";
import { el } from "../dom";
import { duration, grouped, measure, share } from "../format";
import { t } from "../i18n";
import { link, type View } from "../router";
import { History, watchRun, type LiveLine, type Run, type StepLine } from "../runs_data";
import { curve, joined, smoothed, type Curve } from "../series";
import { stateBadge } from "./runs";

const smoothing = 0.9;
const mostLive = 4000; // points kept of what is told live
const mostDrawn = 8000;
const colors = 8;

export function openRun(name: string): View {
  return new RunView(name);
}

function card(title: string, ...children: Node[]): HTMLElement {
  return el("section", { class: "card" }, el("h2", {}, title), ...children);
}

class RunView implements View {
  readonly element = el("article", { class: "run" });
  private readonly history: History;
  private run: Run | null = null;
  private live: LiveLine[] = [];
  private closed = false;
  private readonly end: () => void;

  private readonly loss = new Chart({ label: t("lossCurve"), xLabel: t("step"), height: 260 });
  private readonly accuracy = new Chart({ label: t("accuracyCurve"), xLabel: t("step"), height: 220 });
  private readonly rate = new Chart({ label: t("learningRate"), xLabel: t("step"), height: 220 });
  private readonly norms = new Chart({ label: t("gradientNorms"), xLabel: t("step"), height: 260 });
  private readonly accuracyCard = card(t("accuracyCurve"), this.accuracy.element);
  private readonly normsHint = el("p", { class: "muted" }, t("gradientHint"));
  private readonly state = el("span", {});
  private readonly status = el("p", { class: "status", role: "status", "aria-live": "polite" });
  private readonly progress = el("progress", { "aria-label": t("progress"), max: 1, value: 0 });
  private readonly progressText = el("div", { class: "progressline" });
  private readonly tiles = el("dl", { class: "tiles" });
  private readonly layers = el("div", { class: "scroll" });
  private readonly events = el("ul", { class: "list" });
  private readonly findings = el("ul", { class: "list" });
  private readonly findingsCard = card(t("findings"), this.findings);
  private readonly report = el("section", { class: "card" });
  private readonly pauseButton = el("button", { onclick: () => void this.order(this.run?.state === "paused" ? { order: "resume" } : { order: "pause" }) }, t("pause"));
  private readonly stopButton = el("button", { onclick: () => { if (confirm(t("stopConfirm"))) void this.order({ order: "stop" }); } }, t("stop"));
  private readonly rateInput = el("input", { type: "number", min: 0, step: "any", required: true, name: "lr" });
  private readonly rateButton = el("button", { type: "submit" }, t("setLearningRate"));
  private readonly content = el("div", { class: "stack", hidden: true });

  constructor(private readonly name: string) {
    this.history = new History(name);
    const orders = el(
      "form",
      {
        class: "orders",
        onsubmit: (event: Event) => {
          event.preventDefault();
          void this.order({ order: "lr", lr: Number(this.rateInput.value) });
        },
      },
      this.pauseButton,
      this.stopButton,
      el("span", { class: "spacer" }),
      el("label", {}, t("newLearningRate"), this.rateInput),
      this.rateButton,
    );
    // Enter in the field must not press the first button.
    this.pauseButton.type = "button";
    this.stopButton.type = "button";
    this.content.append(
      el("section", { class: "card head" }, el("div", {}, this.progressText, this.progress), this.tiles, orders),
      this.findingsCard,
      card(t("lossCurve"), this.loss.element),
      el("div", { class: "halves" }, this.accuracyCard, card(t("learningRate"), this.rate.element)),
      card(t("gradientNorms"), this.norms.element, this.normsHint),
      el("div", { class: "halves" }, card(t("layers"), this.layers), card(t("events"), this.events)),
      this.report,
    );
    this.element.append(
      el("div", { class: "title" }, el("a", { href: link("runs") }, `← ${t("allRuns")}`), el("h1", {}, name), this.state, el("a", { href: link("network", name) }, `${t("network")} →`), this.status),
      this.content,
    );
    this.status.textContent = t("loading");
    this.end = watchRun(name, (run) => void this.changed(run), (line) => this.tell(line), (yes) => this.connection(yes));
  }

  close(): void {
    this.closed = true;
    this.end();
    for (const chart of [this.loss, this.accuracy, this.rate, this.norms]) chart.close();
  }

  private connection(yes: boolean): void {
    if (yes) this.status.textContent = "";
    else this.status.textContent = this.run ? t("disconnected") : t("noSuchRun");
  }

  private async order(order: { order: string; lr?: number }): Promise<void> {
    try {
      await post(`/api/runs/${encodeURIComponent(this.name)}/orders`, order);
      const words: Record<string, string> = { pause: t("pause"), resume: t("resume"), stop: t("stop"), lr: `${t("learningRate")} ${order.lr}` };
      this.status.textContent = t("orderSent", { order: words[order.order] ?? order.order });
    } catch (error) {
      this.status.textContent = t("orderFailed", { reason: error instanceof ApiError ? error.message : String(error) });
    }
  }

  private tell(line: LiveLine): void {
    const last = this.live.at(-1);
    if (last && line.step < last.step) this.live = [];
    this.live.push(line);
    if (this.live.length > mostLive) this.live = this.live.filter((_, i) => i % 2 === 1);
    this.showProgress();
    this.draw();
  }

  private async changed(run: Run): Promise<void> {
    this.run = run;
    this.content.hidden = false;
    this.state.replaceChildren(stateBadge(run));
    this.showReport(run);
    this.showOrders(run);
    await this.history.update().catch(() => false);
    if (this.closed) return;
    this.showProgress();
    this.showLayers();
    this.showEvents();
    this.draw();
  }

  private showOrders(run: Run): void {
    const trains = run.state === "running" || run.state === "paused";
    this.pauseButton.textContent = run.state === "paused" ? t("resume") : t("pause");
    for (const control of [this.pauseButton, this.stopButton, this.rateButton, this.rateInput]) control.disabled = !trains;
    if (document.activeElement !== this.rateInput) this.rateInput.value = String(run.ordered_lr ?? run.settings["lr"] ?? "");
  }

  private showProgress(): void {
    const run = this.run;
    if (!run) return;
    const now = run.state === "running" || run.state === "paused" ? this.live.at(-1) : undefined;
    const step = Math.max(now?.step ?? 0, run.step ?? 0);
    const total = now?.total_steps ?? run.total_steps ?? 0;
    this.progress.value = run.state === "finished" ? 1 : total > 0 ? step / total : 0;
    const left = run.state === "running" && now?.eta_seconds ? t("remaining", { time: duration(now.eta_seconds) }) : "";
    this.progressText.replaceChildren(el("span", {}, t("stepsOf", { step: grouped(step), total: total > 0 ? grouped(total) : "–" })), el("span", {}, left));
    const start = this.history.start;
    const lastEpoch = this.history.epochs.at(-1);
    const seconds = now?.seconds ?? this.history.steps.at(-1)?.seconds ?? run.seconds;
    const tile = (title: string, value: string) => el("div", {}, el("dt", {}, title), el("dd", {}, value));
    this.tiles.replaceChildren(
      tile(t("trainLoss"), measure(run.train?.loss ?? now?.smoothed_loss ?? run.loss)),
      tile(t("trainAccuracy"), share(now?.accuracy ?? run.train?.accuracy)),
      tile(t("valLoss"), measure(lastEpoch?.val?.loss ?? run.val?.loss)),
      tile(t("valAccuracy"), share(lastEpoch?.val?.accuracy ?? run.val?.accuracy)),
      tile(t("learningRate"), measure(now?.lr ?? run.lr)),
      tile(t("epoch"), `${grouped(now?.epoch ?? run.epoch)} / ${grouped(now?.total_epochs ?? run.total_epochs)}`),
      tile(t("elapsed"), duration(run.state === "finished" ? run.seconds : seconds)),
      tile(t("throughput"), grouped(Math.round(now?.samples_per_s ?? run.samples_per_s ?? 0))),
      tile(t("parameters"), grouped(start?.parameters ?? run.parameters)),
      tile(t("examples"), grouped(start?.examples.train)),
      tile(t("batchSize"), grouped(start?.batch_size)),
      tile(t("memory"), start ? `${(start.memory_bytes / 2 ** 20).toFixed(1)} MiB` : "–"),
    );
  }

  private showLayers(): void {
    const start = this.history.start;
    if (!start || this.layers.childElementCount > 0) return;
    const head = [t("layer"), t("kind"), t("outputShape"), t("parameters")];
    const rows = start.layers.map((layer) =>
      el("tr", {}, el("th", { scope: "row" }, el("code", {}, layer.path)), el("td", {}, layer.kind), el("td", {}, layer.output.slice(1).join(" × ")), el("td", { class: "number" }, grouped(layer.parameters))),
    );
    this.layers.append(el("table", {}, el("thead", {}, el("tr", {}, ...head.map((text, i) => el("th", { scope: "col", class: i === 3 ? "number" : null }, text)))), el("tbody", {}, ...rows)));
  }

  private showEvents(): void {
    const items = this.history.orders.map((line) =>
      el("li", {}, el("span", { class: "muted" }, `${t("atStep", { step: grouped(line.step) })}  `), t(`event_${line.order}`, { lr: line.lr ?? "" })),
    );
    this.events.replaceChildren(...(items.length > 0 ? items : [el("li", { class: "muted" }, t("noEvents"))]));
    this.findingsCard.hidden = this.history.findings.length === 0;
    this.findings.replaceChildren(
      ...this.history.findings.map((line) => el("li", { class: "finding" }, el("strong", {}, line.place), ` ${line.evidence} `, el("span", { class: "muted" }, line.remedy))),
    );
  }

  private showReport(run: Run): void {
    this.report.hidden = !run.report;
    if (!run.report || this.report.childElementCount > 0) return;
    const source = `/api/runs/${encodeURIComponent(this.name)}/report`;
    const frame = el("iframe", { title: t("reportFrame", { name: this.name }), loading: "lazy", sandbox: "allow-scripts" });
    this.report.append(
      el("details", { ontoggle: () => { if (!frame.src) frame.src = source; } }, el("summary", {}, t("report")), frame),
    );
  }

  // The history's steps with those told live between them; thinned out where no screen could show them all.
  private steps(): History {
    const whole = new History(this.name);
    whole.epochs = this.history.epochs;
    const bySteps = new Map<number, StepLine>();
    for (const line of this.history.steps) bySteps.set(line.step, line);
    for (const line of this.live) bySteps.set(line.step, line);
    const all = [...bySteps.values()].sort((a, b) => a.step - b.step);
    const stride = Math.ceil(all.length / mostDrawn);
    whole.steps = all.filter((_, i) => i % stride === 0 || i === all.length - 1);
    return whole;
  }

  private draw(): void {
    const steps = this.steps();
    const loss = curve(steps, "trainLoss", "axisStep");
    const validation = curve(this.history, "valLoss", "axisStep");
    const hasValidation = validation.y.some((value) => value !== null);
    const lines: Line[] = [
      { label: t("raw"), color: "--run-1", faint: true, width: 1, named: true },
      { label: t("averaged"), color: "--run-1" },
    ];
    const curves: Curve[] = [loss, { x: loss.x, y: smoothed(loss.y, smoothing) }];
    if (hasValidation) {
      lines.push({ label: t("validation"), color: "--run-2" });
      curves.push(validation);
    }
    this.loss.set(lines, joined(curves));

    const accuracy = curve(this.history, "trainAccuracy", "axisStep");
    const valAccuracy = curve(this.history, "valAccuracy", "axisStep");
    this.accuracyCard.hidden = !accuracy.y.some((value) => value !== null);
    const accuracyLines: Line[] = [{ label: t("training"), color: "--run-1" }];
    const accuracyCurves = [accuracy];
    if (hasValidation) {
      accuracyLines.push({ label: t("validation"), color: "--run-2" });
      accuracyCurves.push(valAccuracy);
    }
    this.accuracy.set(accuracyLines, joined(accuracyCurves));
    this.rate.set([{ label: t("learningRate"), color: "--run-3" }], joined([curve(steps, "learningRate", "axisStep")]));
    this.drawNorms();
  }

  private drawNorms(): void {
    const lines = this.history.norms;
    this.normsHint.hidden = lines.length > 0;
    this.norms.element.hidden = lines.length === 0;
    if (lines.length === 0) return;
    // Weights only: a bias follows its weight, and half as many lines can be told apart.
    const names = (lines[0]?.parameters ?? []).map((parameter) => parameter.name).filter((name) => name.endsWith(".weight"));
    const curves: Curve[] = names.map((name) => {
      const points = lines.map((line) => line.parameters.find((parameter) => parameter.name === name)?.gradient_norm ?? null);
      return { x: lines.map((line) => line.step), y: points.map((value) => (value !== null && value > 0 ? value : null)) };
    });
    this.norms.set(names.map((label, i) => ({ label, color: `--run-${(i % colors) + 1}` })), joined(curves), { logScale: true });
  }
}
