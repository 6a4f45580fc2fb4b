// What the server tells of a run's network (docs/board.md), and requests for it.
import { get } from "../api";

export interface Parameter {
  name: string;
  shape: number[];
  axes: string[];
  trainable: boolean;
}

export interface Layer {
  path: string;
  kind: string;
  parent: number;
  group: boolean;
  output: number[] | null;
  axes: string[];
  parameters: Parameter[];
  reads: number[]; // -1: the examples
  filters: boolean;
  maps: boolean;
}

export interface Network {
  version: string;
  checkpoint: boolean;
  step: number | null;
  loss: string;
  classifies: boolean;
  image: boolean;
  input: number[];
  axes: string[];
  parameters: number;
  parts: Record<string, number>;
  layers: Layer[];
  loss_reads: number[];
}

export interface Histogram {
  size: number;
  not_finite: number;
  mean: number;
  std: number;
  min: number;
  max: number;
  norm: number;
  zeros: number;
  counts: number[];
}

export interface Look {
  version: string;
  examples: number;
  loss: number | null;
  layers: Record<string, { output: Histogram; gradient: Histogram }>;
  parameters: Record<string, { values: Histogram; gradient: Histogram }>;
}

export type Target = string | number[] | null;

export interface ExampleLook extends Look {
  part: string;
  row: number;
  target: Target;
  prediction: { name: string; value: number | null }[];
}

export interface Planes {
  count: number;
  height: number;
  width: number;
  scale: number;
  data: string;
}

export interface Filters extends Planes {
  filters: number;
  inputs: number;
  shown: number;
}

export interface Maps {
  channels: number;
  full: [number, number];
  output: Planes;
  gradient: Planes;
}

export interface Example {
  row: number;
  target: Target;
  pixels?: string;
  values?: (number | null)[];
}

export interface Examples {
  part: string;
  total: number;
  examples: Example[];
}

export interface Chosen {
  part: string;
  row: number;
}

export class NetworkData {
  private readonly base: string;

  constructor(run: string) {
    this.base = `/api/runs/${encodeURIComponent(run)}/network`;
  }

  graph(): Promise<Network> {
    return get(this.base);
  }
  batch(): Promise<Look> {
    return get(`${this.base}/batch`);
  }
  example({ part, row }: Chosen): Promise<ExampleLook> {
    return get(`${this.base}/example?part=${part}&row=${row}`);
  }
  examples(part: string, from: number): Promise<Examples> {
    return get(`${this.base}/examples?part=${part}&from=${from}`);
  }
  filters(path: string): Promise<Filters> {
    return get(`${this.base}/filters?path=${encodeURIComponent(path)}`);
  }
  maps(path: string, { part, row }: Chosen): Promise<Maps> {
    return get(`${this.base}/maps?path=${encodeURIComponent(path)}&part=${part}&row=${row}`);
  }
}

// Whether the layer at `place` is `holder` or somewhere inside it.
export function isWithin(layers: readonly Layer[], place: number, holder: number): boolean {
  for (let at = place; at >= 0; at = layers[at]!.parent) if (at === holder) return true;
  return false;
}

// The layer whose output this one gives: itself, or the last one it holds.
export function outputOf(layers: readonly Layer[], place: number): Layer | null {
  const own = layers[place];
  if (!own || own.output !== null) return own ?? null;
  const held = layers.filter((layer, i) => i !== place && layer.parent === place && outputOf(layers, i)?.output);
  return held.length > 0 ? outputOf(layers, layers.indexOf(held[held.length - 1]!)) : null;
}

// A layer's own parameters and those of the layers it holds.
export function parametersOf(network: Network, place: number): Parameter[] {
  return network.layers.filter((_, i) => isWithin(network.layers, i, place)).flatMap((layer) => layer.parameters);
}

export function count(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
