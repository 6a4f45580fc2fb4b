// What the server tells about a playground (docs/board.md), and requests to it.
import { get, post } from "../api";
import { bytes } from "../bytes";

export interface Layer {
  path: string;
  kind: string;
  units: number;
  column: number; // layers that work on the same units stand in one column
  parameters: number[]; // places in Setup.parameters
}

export interface Points {
  x: number[];
  y: number[];
  target: number[];
}

export interface Setup {
  layers: Layer[];
  parameters: { name: string; shape: number[] }[];
  features: string[];
  standardized: boolean;
  kind: string;
  class_names: string[] | null;
  train: Points;
  test: Points | null;
  loss: string;
  optimizer: string;
  lr: number;
  batch_size: number;
  steps_per_epoch: number;
}

export interface Scores {
  loss: number | null;
  accuracy: number | null;
}

export type Numbers = ArrayLike<number | null>;

export interface Plane {
  size: number;
  x: [number, number];
  y: [number, number];
  values: Numbers;
  classes: Numbers | null;
}

// Units and gradients stand in the order of Setup.layers, weights in that of Setup.parameters.
export interface State {
  step: number;
  epoch: number;
  lr: number;
  train: Scores;
  test: Scores | null;
  examples: number;
  example: number | null;
  x: Numbers;
  target: number | null;
  batch: { x: Numbers; y: Numbers }; // where its examples are on the plane
  units: Numbers[];
  unit_gradients: Numbers[];
  weights: Numbers[];
  weight_gradients: Numbers[];
  plane: Plane;
  playing?: boolean;
}

export interface PhaseArray {
  symbol: string;
  name: string;
  formula: string;
  shape: number[];
  by_example: boolean;
  mean: number | null;
  std: number | null;
  min: number | null;
  max: number | null;
  norm: number | null;
  values: (number | null)[];
}

export interface Phase {
  stage: "forward" | "loss" | "backward" | "update";
  path: string;
  kind: string;
  layer: number | null;
  arrays: PhaseArray[];
}

export interface Phases {
  step: number;
  example: number | null;
  examples: number;
  lr: number;
  loss: number;
  batch: PhaseArray[];
  phases: Phase[];
}

export interface Choices {
  data: { name: string; noise: number }[];
  activations: string[];
  initializers: string[];
  losses: string[];
  optimizers: { name: string; lr: number; takes_momentum: boolean }[];
  bounds: { layers: number; width: number; examples: number; csv_bytes: number };
}

export interface Opened {
  id: string;
  setup: Setup;
  state: State;
}

const root = "/api/playground";

export const getChoices = () => get<Choices>(root);
export const open = (settings: unknown) => post<Opened>(root, settings);

export class Session {
  constructor(readonly id: string) {}
  get events(): string {
    return `${root}/${this.id}/events`;
  }
  set(settings: unknown): Promise<Opened> {
    return post<Opened>(`${root}/${this.id}/settings`, settings);
  }
  play(stepsPerSecond: number): Promise<unknown> {
    return post(`${root}/${this.id}/play`, { steps_per_second: stepsPerSecond });
  }
  pause(): Promise<unknown> {
    return post(`${root}/${this.id}/pause`, {});
  }
  step(steps = 1): Promise<State> {
    return post<State>(`${root}/${this.id}/step`, { steps });
  }
  choose(example: number | null): Promise<State> {
    return post<State>(`${root}/${this.id}/example`, { example });
  }
  setup(): Promise<Setup> {
    return get<Setup>(`${root}/${this.id}/setup`);
  }
  state(example: number | null): Promise<State> {
    return get<State>(`${root}/${this.id}?example=${example ?? "mean"}`);
  }
  phases(example: number | null): Promise<Phases> {
    return get<Phases>(`${root}/${this.id}/phases?example=${example ?? "mean"}`);
  }
  // Also while the page is left.
  close(): void {
    const headers = { "Content-Type": "application/json" };
    void fetch(`${root}/${this.id}/close`, { method: "POST", headers, body: "{}", keepalive: true }).catch(() => undefined);
  }
}

function floats(text: string): Float32Array {
  const raw = bytes(text);
  const view = new DataView(raw.buffer);
  return Float32Array.from({ length: raw.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

type Packed = Omit<State, "x" | "batch" | "units" | "unit_gradients" | "weights" | "weight_gradients" | "plane"> & {
  x: string;
  batch: { x: string; y: string };
  units: string[];
  unit_gradients: string[];
  weights: string[];
  weight_gradients: string[];
  plane: Omit<Plane, "values" | "classes"> & { values: string; classes: string | null };
};

// An event's state, whose numbers come as base64 of f32.
export function unpacked(packed: Packed): State {
  const { plane } = packed;
  return {
    ...packed,
    x: floats(packed.x),
    batch: { x: floats(packed.batch.x), y: floats(packed.batch.y) },
    units: packed.units.map(floats),
    unit_gradients: packed.unit_gradients.map(floats),
    weights: packed.weights.map(floats),
    weight_gradients: packed.weight_gradients.map(floats),
    plane: { ...plane, values: floats(plane.values), classes: plane.classes === null ? null : bytes(plane.classes) },
  };
}
