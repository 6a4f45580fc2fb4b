// What the drawing of the network shows: columns of units, and the weights between them.
import type { Layer, Numbers, Phase, Phases, Setup, State } from "./model";

export interface Column {
  label: string;
  units: number;
  names: string[]; // of the inputs, which have some
  layers: number[]; // places in Setup.layers; none: the inputs
  values: Numbers | null; // null: not known yet
  gradients: Numbers | null;
  weight: number; // the dense layer's weight [units, units before] and bias, places in Setup.parameters; -1: none
  bias: number;
  skip: boolean; // the column before is added to it
}

export interface Picture {
  columns: Column[];
  weights: Numbers[]; // as Setup.parameters
  weightGradients: (Numbers | null)[];
  active: number; // the column something happens in; -1: none
}

// The columns without numbers.
export function columnsOf(setup: Setup): Column[] {
  const blank = { values: null, gradients: null };
  const columns: Column[] = [{ ...blank, label: "x", units: setup.features.length, names: setup.features, layers: [], weight: -1, bias: -1, skip: false }];
  setup.layers.forEach((layer, place) => {
    if (layer.column + 1 === columns.length) {
      columns.push({ ...blank, label: "", units: layer.units, names: [], layers: [], weight: layer.parameters[0] ?? -1, bias: layer.parameters[1] ?? -1, skip: false });
    }
    const column = columns[layer.column + 1]!;
    column.layers.push(place);
    column.skip ||= layer.kind === "residual";
  });
  for (const column of columns.slice(1)) column.label = column.layers.map((place) => setup.layers[place]!.kind).join(" · ");
  return columns;
}

export function pictureOf(setup: Setup, state: State): Picture {
  const columns = columnsOf(setup);
  for (const column of columns) {
    const last = column.layers[column.layers.length - 1];
    column.values = last === undefined ? state.x : state.units[last]!;
    column.gradients = last === undefined ? null : state.unit_gradients[last]!;
  }
  return { columns, weights: state.weights, weightGradients: state.weight_gradients, active: -1 };
}

// The arrays of a phase by what they are.
export function outputOf(phase: Phase): Numbers | null {
  const found = phase.stage === "forward" ? phase.arrays.find((array) => array.name === "output") : phase.arrays[0];
  return found ? found.values : null;
}

function gradientsOf(phase: Phase, layer: Layer): [number, Numbers][] {
  return layer.parameters.map((parameter, i) => [parameter, phase.arrays[1 + i]!.values]);
}

// The network as it stands after phase `at` of the step: what was not computed yet is left open.
export function pictureAt(setup: Setup, state: State, step: Phases, at: number): Picture {
  const columns = columnsOf(setup);
  const weights: Numbers[] = [...state.weights];
  const weightGradients: (Numbers | null)[] = setup.parameters.map(() => null);
  columns[0]!.values = step.batch[0]!.values;
  let active = -1;
  for (const phase of step.phases.slice(0, at + 1)) {
    active = -1;
    if (phase.layer !== null) {
      const layer = setup.layers[phase.layer]!;
      const column = columns[layer.column + 1]!;
      active = layer.column + 1;
      if (phase.stage === "forward") column.values = outputOf(phase);
      if (phase.stage === "backward") {
        column.gradients = outputOf(phase);
        for (const [parameter, values] of gradientsOf(phase, layer)) weightGradients[parameter] = values;
      }
    } else if (phase.stage === "update") {
      const parameter = setup.parameters.findIndex((known) => known.name === phase.path);
      const after = phase.arrays.find((array) => array.name === `${phase.path} after`);
      if (parameter < 0 || !after) continue;
      weights[parameter] = after.values;
      active = columns.findIndex((column) => column.layers.some((place) => setup.layers[place]!.parameters.includes(parameter)));
    } else {
      active = columns.length - 1;
    }
  }
  return { columns, weights, weightGradients, active };
}

export function largest(values: Numbers | null): number {
  let most = 0;
  for (let i = 0; values && i < values.length; ++i) most = Math.max(most, Math.abs(values[i] ?? 0));
  return most;
}
