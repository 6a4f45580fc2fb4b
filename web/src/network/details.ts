// All that is known of one layer: shapes, parameters, values, gradients, filters, feature maps.
import { el, type Child } from "../dom";
import { grouped, measure, share } from "../format";
import { t, type Key } from "../i18n";
import { histogram } from "./histogram";
import { inputPlace } from "./layout";
import { count, outputOf, parametersOf, type Chosen, type ExampleLook, type Filters, type Look, type Maps, type Network, type NetworkData, type Parameter } from "./model";
import { targetText } from "./picker";
import { legend, planeGrid } from "./planes";

const mostRows = 8;

// "16 channels × 14 height × 14 width"
function shapeText(shape: readonly number[], axes: readonly string[]): string {
  const first = axes[0] === "examples" ? 1 : 0;
  const each = shape.slice(first).map((extent, i) => `${extent} ${axes[first + i] ? t(`netAxis_${axes[first + i]}` as Key) : ""}`.trim());
  return (first === 1 ? [t("netAxis_examples"), ...each] : each).join(" × ");
}

function card(title: string, ...children: Child[]): HTMLElement {
  return el("section", { class: "card" }, el("h2", {}, title), ...children);
}

// The likeliest classes, or the numbers predicted.
export function predictionList(look: ExampleLook, network: Network): HTMLElement {
  const rows = [...look.prediction];
  if (network.classifies) rows.sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const target = targetText(look.target);
  const list = rows.slice(0, mostRows).map(({ name, value }) => {
    const right = name === look.target;
    const bar = el("span", { class: "bar-fill" });
    bar.style.width = network.classifies ? `${100 * (value ?? 0)}%` : "0";
    return el("li", { class: right ? "right" : null }, el("span", { class: "name" }, name, right ? ` ✓ ` : ""), el("span", { class: "bar-track" }, bar), el("span", { class: "number" }, network.classifies ? share(value) : measure(value)));
  });
  return el("div", {}, el("h3", {}, t("netPrediction")), el("p", { class: "muted" }, `${t("netTarget")}: ${target} · ${t("loss")}: ${measure(look.loss)}`), el("ul", { class: "net-bars" }, ...list));
}

function parameterCard(parameter: Parameter, look: Look | null): HTMLElement {
  const seen = look?.parameters[parameter.name];
  return card(
    parameter.name,
    el("p", { class: "muted" }, `${shapeText(parameter.shape, parameter.axes)} = ${grouped(count(parameter.shape))}${parameter.trainable ? "" : ` · ${t("netFrozen")}`}`),
    seen ? el("div", { class: "net-pair" }, histogram(t("netValues"), seen.values, "--run-1"), histogram(t("netGradient"), seen.gradient, "--run-2")) : null,
  );
}

// Filters of a convolution, for one input channel at a time.
function filtersCard(filters: Filters): HTMLElement {
  const grid = el("div", {});
  const draw = (input: number) => grid.replaceChildren(planeGrid(filters, (i) => t("netFilter", { i }), input, filters.inputs));
  const input = el("input", { type: "number", min: 0, max: filters.inputs - 1, value: 0, class: "net-row", oninput: () => draw(Math.min(Math.max(Math.trunc(Number(input.value)) || 0, 0), filters.inputs - 1)) });
  draw(0);
  return card(
    t("netFilters", { count: filters.filters, height: filters.height, width: filters.width }),
    el("div", { class: "controls" }, filters.inputs > 1 ? el("label", {}, t("netInputChannel", { last: filters.inputs - 1 }), input) : null, legend(filters.scale)),
    grid,
    filters.shown < filters.filters ? el("p", { class: "muted" }, t("netFirstOnly", { shown: filters.shown })) : null,
  );
}

function mapsCard(maps: Maps): HTMLElement {
  const grid = el("div", {});
  const scale = el("span", {});
  const draw = (gradient: boolean) => {
    const planes = gradient ? maps.gradient : maps.output;
    scale.replaceChildren(legend(planes.scale));
    grid.replaceChildren(planeGrid(planes, (i) => t("netChannel", { i })));
  };
  const which = el("select", { "aria-label": t("netShown"), onchange: () => draw(which.value === "gradient") }, el("option", { value: "output" }, t("netValues")), el("option", { value: "gradient" }, t("netGradient")));
  draw(false);
  return card(
    t("netMaps", { count: maps.channels, height: maps.full[0], width: maps.full[1] }),
    el("div", { class: "controls" }, which, scale),
    grid,
    maps.output.count < maps.channels ? el("p", { class: "muted" }, t("netFirstOnly", { shown: maps.output.count })) : null,
  );
}

export class Details {
  readonly element = el("div", { class: "stack net-details" });
  private turn = 0; // answers to older questions are dropped

  constructor(
    private readonly network: Network,
    private readonly data: NetworkData,
    private readonly failed: (error: unknown) => void,
  ) {}

  show(place: number, look: Look | null, chosen: Chosen): void {
    const turn = ++this.turn;
    const { network } = this;
    const layer = network.layers[place];
    const fact = (name: string, value: string) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
    if (!layer) {
      const input = place === inputPlace;
      this.element.replaceChildren(
        card(
          input ? t("netInput") : t("netLoss"),
          input
            ? el("dl", { class: "net-facts" }, fact(t("netShape"), shapeText(network.input, network.axes)), ...Object.entries(network.parts).map(([part, size]) => fact(t(`netPart_${part}` as Key), grouped(size))))
            : el("dl", { class: "net-facts" }, fact(t("netFunction"), network.loss), fact(t("loss"), measure(look?.loss)), fact(t("parameters"), grouped(network.parameters))),
        ),
      );
      return;
    }
    const all = parametersOf(network, place);
    const source = outputOf(network.layers, place);
    const values = source ? look?.layers[source.path] : undefined;
    const title = el("h2", {}, layer.kind, " ", el("code", { class: "muted" }, layer.path));
    this.element.replaceChildren(
      el(
        "section",
        { class: "card" },
        title,
        el("dl", { class: "net-facts" }, fact(t("outputShape"), source?.output ? shapeText(source.output, source.axes) : "–"), fact(t("parameters"), grouped(all.reduce((sum, one) => sum + count(one.shape), 0)))),
        values ? el("div", { class: "net-pair" }, histogram(t("netActivations"), values.output, "--run-1"), histogram(t("netOutputGradient"), values.gradient, "--run-2")) : null,
        look && !values ? el("p", { class: "muted" }, t("netPassesOn")) : null,
      ),
    );
    const mapsAt = el("div", {});
    const filtersAt = el("div", {});
    this.element.append(mapsAt, filtersAt, ...layer.parameters.map((parameter) => parameterCard(parameter, look)));
    const fill = (at: HTMLElement, made: Promise<HTMLElement>) => {
      at.hidden = true;
      made.then(
        (element) => {
          if (turn !== this.turn) return;
          at.hidden = false;
          at.replaceChildren(element);
        },
        (error: unknown) => { if (turn === this.turn) this.failed(error); },
      );
    };
    if (layer.filters) fill(filtersAt, this.data.filters(layer.path).then(filtersCard));
    else filtersAt.remove();
    if (source?.maps) fill(mapsAt, this.data.maps(source.path, chosen).then(mapsCard));
    else mapsAt.remove();
  }
}
