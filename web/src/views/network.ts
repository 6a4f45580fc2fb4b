// A run's network: the graph of its layers, and what is inside the one chosen.
import "../network/network.css";
import { ApiError } from "../api";
import { el } from "../dom";
import { grouped } from "../format";
import { t } from "../i18n";
import { Details, predictionList } from "../network/details";
import { GraphView } from "../network/graph";
import { inputPlace } from "../network/layout";
import { NetworkData, type Chosen, type ExampleLook, type Look, type Network } from "../network/model";
import { Picker } from "../network/picker";
import { link, type View } from "../router";
import { watchRun, type Run } from "../runs_data";
import { onThemeChange } from "../theme";

const pollMs = 3000; // for newer weights, while the run trains

type Source = "batch" | "example";

export function openNetwork(name: string): View {
  return new NetworkView(name);
}

class NetworkView implements View {
  readonly element = el("article", { class: "network" });
  private readonly data: NetworkData;
  private network: Network | null = null;
  private graph: GraphView | null = null;
  private details: Details | null = null;
  private batch: Look | null = null;
  private example: ExampleLook | null = null;
  private chosen: Chosen = { part: "train", row: 0 };
  private source: Source = "batch";
  private place = inputPlace;
  private run: Run | null = null;
  private closed = false;
  private readonly status = el("p", { class: "status", role: "status", "aria-live": "polite" }, t("loading"));
  private readonly weights = el("span", { class: "muted" });
  private readonly content = el("div", { class: "net-columns" });
  private readonly prediction = el("div", {});
  private readonly note = el("p", { class: "muted" });
  private readonly end: (() => void)[];

  constructor(name: string) {
    this.data = new NetworkData(name);
    this.element.append(el("div", { class: "title" }, el("a", { href: link("run", name) }, `← ${name}`), el("h1", {}, t("network")), this.weights, this.status), this.content);
    const poll = setInterval(() => { if (this.run?.state === "running" || !this.network) void this.refresh(); }, pollMs);
    this.end = [() => clearInterval(poll), watchRun(name, (run) => (this.run = run), () => undefined, () => undefined), onThemeChange(() => this.showDetails())];
    void this.refresh();
  }

  close(): void {
    this.closed = true;
    for (const end of this.end) end();
  }

  private readonly failed = (error: unknown): void => {
    if (this.closed) return;
    this.status.classList.add("bad");
    this.status.textContent = error instanceof ApiError ? error.message : t("disconnected");
  };

  // Asks for the network, and for its numbers if the weights are new.
  private async refresh(): Promise<void> {
    try {
      const network = await this.data.graph();
      if (this.closed || network.version === this.network?.version) return;
      const first = this.network === null;
      this.network = network;
      this.batch = null;
      this.example = null;
      if (first) this.build(network);
      this.weights.textContent = network.checkpoint ? t("netCheckpoint", { step: grouped(network.step) }) : t("netTrained");
      await this.look();
    } catch (error) {
      this.failed(error);
    }
  }

  private build(network: Network): void {
    const part = "test" in network.parts ? "test" : "val" in network.parts ? "val" : "train";
    this.chosen = { part, row: 0 };
    if (network.image) this.source = "example";
    this.graph = new GraphView(network, (place) => this.choose(place));
    this.details = new Details(network, this.data, this.failed);
    const picker = new Picker(network, this.data, this.chosen, (chosen) => { this.chosen = chosen; this.example = null; this.setSource("example"); }, this.failed);
    const radio = (source: Source, text: string) => {
      const input = el("input", { type: "radio", name: "net-source", value: source, onchange: () => this.setSource(source) });
      return el("label", {}, input, text);
    };
    this.content.replaceChildren(
      el(
        "section",
        { class: "card net-graph-card", "aria-label": t("netGraph") },
        el("div", { class: "net-tools" }, el("h2", {}, t("netGraph")), el("span", { class: "spacer" }), el("button", { type: "button", onclick: () => this.graph?.openAll(true) }, t("netOpenAll")), el("button", { type: "button", onclick: () => this.graph?.openAll(false) }, t("netCloseAll"))),
        el("div", { class: "net-scroll" }, this.graph.element),
        el("p", { class: "muted net-hint" }, t("netKeys")),
      ),
      el(
        "div",
        { class: "stack" },
        el("section", { class: "card" }, el("h2", {}, t("netLookedAt")), el("fieldset", { class: "controls net-source" }, el("legend", { class: "hidden-text" }, t("netLookedAt")), radio("example", t("netOneExample")), radio("batch", t("netFirstBatch"))), this.note, el("div", { class: "net-looked" }, picker.element, this.prediction)),
        this.details.element,
      ),
    );
    const firstWithWeights = network.layers.findIndex((layer) => layer.parameters.length > 0 && layer.parent < 0);
    this.place = firstWithWeights >= 0 ? firstWithWeights : inputPlace;
    this.graph.select(this.place);
  }

  private setSource(source: Source): void {
    this.source = source;
    this.look().catch(this.failed);
  }

  private choose(place: number): void {
    this.place = place;
    this.graph?.select(place);
    this.showDetails();
    // In one column the details stand far below the graph.
    if (matchMedia("(max-width: 860px)").matches) this.details?.element.scrollIntoView({ block: "start" });
  }

  private current(): Look | null {
    return this.source === "batch" ? this.batch : this.example;
  }

  private async look(): Promise<void> {
    for (const input of this.content.querySelectorAll<HTMLInputElement>("input[name=net-source]")) input.checked = input.value === this.source;
    if (!this.current()) {
      this.status.classList.remove("bad");
      this.status.textContent = t("netComputing");
      const chosen = this.chosen;
      if (this.source === "batch") {
        this.batch = await this.data.batch();
      } else {
        const example = await this.data.example(chosen);
        if (chosen !== this.chosen) return;
        this.example = example;
      }
      if (this.closed) return;
    }
    this.status.textContent = "";
    this.note.textContent = this.source === "batch" ? t("netBatchNote", { count: grouped(this.batch?.examples) }) : t("netExampleNote");
    this.prediction.replaceChildren(...(this.source === "example" && this.example && this.network ? [predictionList(this.example, this.network)] : []));
    this.prediction.hidden = this.source !== "example";
    this.showDetails();
  }

  private showDetails(): void {
    this.details?.show(this.place, this.current(), this.chosen);
  }
}
