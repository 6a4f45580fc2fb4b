// The playground's choices.
import { el, type Child } from "../dom";
import { t, type Key } from "../i18n";
import type { Choices } from "./model";
import { defaults, type Settings, type Upload } from "./settings";

type NumberKey = { [K in keyof Settings]: Settings[K] extends number ? K : never }[keyof Settings];
type TextKey = { [K in keyof Settings]: Settings[K] extends string ? K : never }[keyof Settings];
type FlagKey = { [K in keyof Settings]: Settings[K] extends boolean ? K : never }[keyof Settings];

const withClasses = ["spirals", "blobs", "classification"];

export class Form {
  readonly element = el("form", { class: "card pg-form", "aria-label": t("settings"), onsubmit: (event: Event) => event.preventDefault() });
  private upload: Upload | null = null;
  private fault = "";

  // `changed` is called when the network is to be built anew.
  constructor(readonly settings: Settings, private readonly choices: Choices, private readonly changed: () => void) {
    this.show();
  }

  get uploaded(): Upload | null {
    return this.upload;
  }

  set uploaded(upload: Upload | null) {
    this.upload = upload;
    this.show();
  }

  get takesMomentum(): boolean {
    return this.choices.optimizers.find((known) => known.name === this.settings.optimizer)?.takes_momentum ?? false;
  }

  private apply(rebuild = false): void {
    if (rebuild) this.show();
    if (this.settings.data !== "csv" || this.upload) this.changed();
  }

  private number(key: NumberKey, low: number, high: number, step: number | "any", text: Key = `pg_${key}` as Key): HTMLElement {
    const input = el("input", {
      type: "number", name: key, min: low, max: high, step, value: this.settings[key], inputmode: "decimal",
      onchange: () => {
        if (input.value === "" || !Number.isFinite(input.valueAsNumber)) input.value = String(this.settings[key]);
        this.settings[key] = input.valueAsNumber;
        this.apply();
      },
    });
    return el("label", {}, el("span", {}, t(text)), input);
  }

  private choice(key: TextKey, options: readonly (readonly [string, string])[], rebuild = false): HTMLElement {
    const input = el(
      "select",
      {
        name: key,
        value: this.settings[key],
        onchange: () => {
          const before = this.settings[key];
          this.settings[key] = input.value;
          if (key === "data") this.suit();
          if (key === "optimizer") this.suitOptimizer(before);
          this.apply(rebuild);
        },
      },
      ...options.map(([value, name]) => el("option", { value }, name)),
    );
    return el("label", {}, el("span", {}, t(`pg_${key}` as Key)), input);
  }

  private flag(key: FlagKey): HTMLElement {
    const input = el("input", { type: "checkbox", name: key, checked: this.settings[key], onchange: () => { this.settings[key] = input.checked; this.apply(); } });
    return el("label", { class: "check" }, input, el("span", {}, t(`pg_${key}` as Key)));
  }

  // Noise that suits the data.
  private suit(): void {
    const known = this.choices.data.find((one) => one.name === this.settings.data);
    if (known) this.settings.noise = known.noise;
    if (this.settings.data === "spirals") this.settings.classes = 2;
    else if (this.settings.classes === 2) this.settings.classes = defaults.classes;
  }

  // Gradient descent without averages needs longer steps.
  private suitOptimizer(before: string): void {
    const plain = (name: string) => name === "sgd" || name === "nesterov";
    if (plain(before) === plain(this.settings.optimizer)) return;
    this.settings.lr = plain(this.settings.optimizer) ? 0.05 : defaults.lr;
  }

  private chooseFile(): HTMLElement {
    const { csv_bytes } = this.choices.bounds;
    const input = el("input", {
      type: "file", accept: ".csv,text/csv,text/plain", name: "csv",
      onchange: () => {
        const file = input.files?.[0];
        if (!file) return;
        this.fault = file.size > csv_bytes ? t("pgTooLarge", { most: csv_bytes / 1024 / 1024 }) : "";
        if (this.fault !== "") return this.show();
        void file.text().then((text) => {
          this.upload = { name: file.name, text };
          this.apply(true);
        });
      },
    });
    const note = this.fault !== "" ? el("p", { class: "bad", role: "alert" }, this.fault) : el("p", { class: "muted" }, this.upload ? t("pgUploaded", { name: this.upload.name }) : t("pgCsvHint"));
    return el("div", { class: "pg-file" }, el("label", {}, el("span", {}, t("pgFile")), input), note);
  }

  private show(): void {
    const { settings, choices } = this;
    const focused = (document.activeElement as HTMLInputElement | null)?.name;
    const dataNames = [...choices.data.map((one) => one.name), "csv"].map((name) => [name, t(`pgData_${name}` as Key)] as const);
    const plain = (names: readonly string[]) => names.map((name) => [name, name] as const);
    const own = settings.data === "csv";
    const group = (title: Key, ...children: Child[]) => el("fieldset", {}, el("legend", {}, t(title)), ...children);
    this.element.replaceChildren(
      group(
        "data",
        this.choice("data", dataNames, true),
        own ? this.chooseFile() : null,
        own ? null : this.number("examples", 10, choices.bounds.examples, 1),
        own ? null : this.number("noise", 0, 1, 0.01),
        !own && withClasses.includes(settings.data) ? this.number("classes", 2, 4, 1) : null,
        this.number("test", 0, 0.9, 0.05),
      ),
      group(
        "pgNetwork",
        this.number("layers", 0, choices.bounds.layers, 1),
        this.number("width", 1, choices.bounds.width, 1),
        this.choice("activation", plain(choices.activations)),
        this.choice("initializer", [["", t("pgAutomatic")], ...plain(choices.initializers)]),
        this.number("dropout", 0, 0.9, 0.05),
        this.flag("batch_norm"),
        this.flag("skip"),
      ),
      group(
        "pgTraining",
        this.choice("loss", [["", t("pgAutomatic")], ...plain(choices.losses)]),
        this.choice("optimizer", plain(choices.optimizers.map((one) => one.name)), true),
        this.number("lr", 0, 1000, "any"),
        this.takesMomentum ? this.number("momentum", 0, 0.999, "any") : null,
        this.number("batch_size", 1, choices.bounds.examples, 1),
        this.number("l1", 0, 10, "any"),
        this.number("l2", 0, 10, "any"),
        this.number("seed", 0, 1e9, 1),
      ),
    );
    if (focused) this.element.querySelector<HTMLElement>(`[name="${CSS.escape(focused)}"]`)?.focus();
  }
}
