// Choosing one example of the run's data.
import { el } from "../dom";
import { grouped, measure } from "../format";
import { t, type Key } from "../i18n";
import type { Chosen, Examples, Network, NetworkData, Target } from "./model";
import { picture } from "./planes";

export function targetText(target: Target): string {
  if (target === null) return "–";
  return typeof target === "string" ? target : target.slice(0, 4).map(measure).join(", ");
}

const perPage = 60;

export class Picker {
  readonly element: HTMLElement;
  private readonly list = el("div", { class: "net-picker", role: "listbox", "aria-label": t("netExamples") });
  private readonly row = el("input", { type: "number", min: 0, step: 1, class: "net-row", "aria-label": t("netRow") });
  private readonly place = el("span", { class: "muted" });
  private readonly back: HTMLButtonElement;
  private readonly forth: HTMLButtonElement;
  private from = 0;
  private total = 0;

  constructor(
    private readonly network: Network,
    private readonly data: NetworkData,
    private chosen: Chosen,
    private readonly choose: (chosen: Chosen) => void,
    private readonly failed: (error: unknown) => void,
  ) {
    const parts = Object.keys(network.parts);
    const part = el(
      "select",
      { "aria-label": t("netPart"), onchange: () => this.show({ part: part.value, row: 0 }) },
      ...parts.map((name) => el("option", { value: name, selected: name === chosen.part }, t(`netPart_${name}` as Key))),
    );
    this.back = el("button", { type: "button", "aria-label": t("netBack"), onclick: () => void this.turn(-perPage) }, "‹");
    this.forth = el("button", { type: "button", "aria-label": t("netForth"), onclick: () => void this.turn(perPage) }, "›");
    this.row.addEventListener("change", () => {
      const row = Math.min(Math.max(Math.trunc(Number(this.row.value)) || 0, 0), (this.network.parts[this.chosen.part] ?? 1) - 1);
      this.show({ part: this.chosen.part, row });
    });
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.element = el("div", {}, el("div", { class: "controls" }, part, el("label", {}, t("netRow"), this.row), el("span", { class: "net-pages" }, this.back, this.place, this.forth)), this.list);
    this.from = Math.floor(chosen.row / perPage) * perPage;
    void this.load();
  }

  private show(chosen: Chosen): void {
    this.chosen = chosen;
    this.from = Math.floor(chosen.row / perPage) * perPage;
    this.choose(chosen);
    void this.load();
  }

  private turn(by: number): Promise<void> {
    this.from = Math.max(0, this.from + by);
    return this.load();
  }

  private key(event: KeyboardEvent): void {
    const by: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const move = by[event.key];
    const items = [...this.list.querySelectorAll<HTMLElement>("[role=option]")];
    const at = items.indexOf(document.activeElement as HTMLElement);
    if (move === undefined || at < 0) return;
    event.preventDefault();
    items[Math.min(Math.max(at + move, 0), items.length - 1)]?.focus();
  }

  private async load(): Promise<void> {
    const { part } = this.chosen;
    try {
      const examples = await this.data.examples(part, this.from);
      if (part === this.chosen.part) this.fill(examples);
    } catch (error) {
      this.failed(error);
    }
  }

  private fill({ examples, total }: Examples): void {
    this.total = total;
    this.row.value = String(this.chosen.row);
    this.row.max = String(total - 1);
    this.back.disabled = this.from === 0;
    this.forth.disabled = this.from + examples.length >= total;
    this.place.textContent = `${grouped(this.from)}–${grouped(this.from + examples.length - 1)} / ${grouped(this.total)}`;
    const has = examples.some((example) => example.row === this.chosen.row);
    this.list.classList.toggle("numbers", !this.network.image);
    this.list.replaceChildren(
      ...examples.map((example, i) => {
        const target = targetText(example.target);
        const label = `${example.row}: ${target}`;
        const here = example.row === this.chosen.row;
        return el(
          "button",
          {
            type: "button",
            role: "option",
            "aria-selected": String(here),
            "aria-label": label,
            title: label,
            tabindex: here || (!has && i === 0) ? 0 : -1,
            onclick: (event: Event) => {
              for (const option of this.list.children) {
                option.setAttribute("aria-selected", String(option === event.currentTarget));
                option.setAttribute("tabindex", option === event.currentTarget ? "0" : "-1");
              }
              this.chosen = { part: this.chosen.part, row: example.row };
              this.row.value = String(example.row);
              this.choose(this.chosen);
            },
          },
          example.pixels !== undefined
            ? picture(example.pixels, this.network.input, label)
            : el("code", {}, `${example.row}: ${(example.values ?? []).slice(0, 4).map(measure).join(", ")} → ${target}`),
        );
      }),
    );
  }
}
