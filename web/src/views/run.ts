// One run, live while it trains: progress, orders, curves, gradient norms, layers, events, report.
import { ApiError, post } from "../api";
import { Chart, type Line } from "../chart";
import { el } from "../dom";
import { duration, grouped, measure, share } from "../format";
import { t } from "../i18n";
import { link, type View } from "../router";
import { findingText } from "../messages";
import { Rows, type Cell } from "../rows";
import { History, watchRun, type LiveLine, type Run, type StepLine } from "../runs_data";
import { joined, type Curve } from "../series";
import { stateBadge } from "./runs";

const smoothing = 0.9;
const mostDrawn = 8000; // rows; no screen shows more
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
  private now: LiveLine | undefined; // the newest step told live
  private readonly rows = new Rows(["loss", "accuracy", "rate", "valLoss", "valAccuracy"] as const, "loss", smoothing, mostDrawn);
  private readSteps: StepLine[] | null = null; // the history's lists as far as they are in the rows
  private steps = 0;
  private epochs = 0;
  private drawnNorms = -1;
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
    if (this.now && line.step < this.now.step) this.readSteps = null; // it began anew
    this.now = line;
    this.take();
    this.putStep(line);
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
    const now = run.state === "running" || run.state === "paused" ? this.now : undefined;
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
    const { end } = this.history;
    if (end && end.cause !== "stopped") {
      const [step, text] = end.cause === "diverged" ? [end.step + 1, t("end_diverged", { what: end.what })] : [end.step, t("end_interrupted")];
      items.push(el("li", {}, el("span", { class: "muted" }, `${t("atStep", { step: grouped(step) })}  `), text));
    }
    this.events.replaceChildren(...(items.length > 0 ? items : [el("li", { class: "muted" }, t("noEvents"))]));
    this.findingsCard.hidden = this.history.findings.length === 0;
    this.findings.replaceChildren(
      ...this.history.findings.map((line) => {
        const { place, evidence, remedy } = findingText(line);
        return el("li", { class: "finding" }, el("strong", {}, place), ` ${evidence} `, el("span", { class: "muted" }, remedy));
      }),
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

  private putStep(line: StepLine): void {
    this.rows.put(line.step, { loss: line.loss, accuracy: line.accuracy, rate: line.lr });
  }

  // Puts into the rows what is new in the history.
  private take(): void {
    const { steps, epochs } = this.history;
    if (steps !== this.readSteps) {
      this.rows.clear();
      this.readSteps = steps;
      this.steps = this.epochs = 0;
      this.drawnNorms = -1;
    }
    for (; this.steps < steps.length; ++this.steps) {
      const line = steps[this.steps];
      if (line) this.putStep(line);
    }
    for (; this.epochs < epochs.length; ++this.epochs) {
      const line = epochs[this.epochs];
      if (!line) continue;
      this.rows.put(line.step, { valLoss: line.val?.loss, valAccuracy: line.val?.accuracy });
      // Runs that log no steps have their epochs to show.
      if (steps.length < 2) this.rows.put(line.step, { loss: line.train?.loss, accuracy: line.train?.accuracy, rate: line.lr });
    }
  }

  private draw(): void {
    this.take();
    const { rows } = this;
    const lines: Line[] = [
      { label: t("raw"), color: "--run-1", faint: true, width: 1, named: true },
      { label: t("averaged"), color: "--run-1" },
    ];
    const losses: Cell[][] = [rows.column("loss"), rows.average()];
    const accuracyLines: Line[] = [{ label: t("training"), color: "--run-1" }];
    const accuracies: Cell[][] = [rows.column("accuracy")];
    if (rows.has("valLoss")) {
      lines.push({ label: t("validation"), color: "--run-2" });
      losses.push(rows.column("valLoss"));
      accuracyLines.push({ label: t("validation"), color: "--run-2" });
      accuracies.push(rows.column("valAccuracy"));
    }
    this.loss.set(lines, [rows.x, ...losses]);
    this.accuracyCard.hidden = !rows.has("accuracy");
    this.accuracy.set(accuracyLines, [rows.x, ...accuracies]);
    this.rate.set([{ label: t("learningRate"), color: "--run-3" }], [rows.x, rows.column("rate")]);
    this.drawNorms();
  }

  private drawNorms(): void {
    const lines = this.history.norms;
    if (lines.length === this.drawnNorms) return;
    this.drawnNorms = lines.length;
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
