// From histories to curves.
import type { History } from "./runs_data";

export const metrics = ["trainLoss", "valLoss", "trainAccuracy", "valAccuracy", "learningRate", "samplesPerSecond"] as const;
export type Metric = (typeof metrics)[number];
export const axes = ["axisStep", "axisEpoch", "axisTime"] as const;
export type Axis = (typeof axes)[number];

export interface Curve {
  x: number[];
  y: (number | null)[];
}

// Steps where the history has them, else epochs; validation exists for epochs only.
export function curve(history: History, metric: Metric, axis: Axis): Curve {
  const result: Curve = { x: [], y: [] };
  const add = (x: number, y: number | null | undefined) => {
    if (result.x.length > 0 && x <= (result.x.at(-1) ?? 0)) return;
    result.x.push(x);
    result.y.push(y ?? null);
  };
  const { steps, epochs } = history;
  const perEpoch = epochs[0] ? epochs[0].step / epochs[0].epoch : 0;
  const position = (step: number, epoch: number, seconds: number) =>
    axis === "axisStep" ? step : axis === "axisTime" ? seconds : perEpoch > 0 ? step / perEpoch : epoch;
  if (metric === "valLoss" || metric === "valAccuracy" || steps.length < 2) {
    let seconds = 0;
    for (const line of epochs) {
      seconds += line.seconds;
      const values: Record<Metric, number | null | undefined> = {
        trainLoss: line.train?.loss,
        valLoss: line.val?.loss,
        trainAccuracy: line.train?.accuracy,
        valAccuracy: line.val?.accuracy,
        learningRate: line.lr,
        samplesPerSecond: line.samples_per_s,
      };
      add(position(line.step, line.epoch, seconds), values[metric]);
    }
    return result;
  }
  for (const line of steps) {
    const values = { trainLoss: line.loss, trainAccuracy: line.accuracy, learningRate: line.lr, samplesPerSecond: line.samples_per_s };
    add(position(line.step, line.epoch, line.seconds), values[metric]);
  }
  return result;
}

// Bias-corrected exponential moving average; weight 0 leaves the values as they are.
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let sum = 0;
  let correction = 0;
  return values.map((value) => {
    if (value === null) return null;
    sum = weight * sum + (1 - weight) * value;
    correction = weight * correction + (1 - weight);
    return sum / correction;
  });
}

// Curves with positions of their own on one axis, as uPlot wants them.
export function joined(curves: readonly Curve[]): [number[], ...(number | null | undefined)[][]] {
  const positions = [...new Set(curves.flatMap((one) => one.x))].sort((a, b) => a - b);
  const index = new Map(positions.map((x, i) => [x, i]));
  const columns = curves.map((one) => {
    // undefined is a gap to be bridged, null one to be shown.
    const column = new Array<number | null | undefined>(positions.length).fill(undefined);
    one.x.forEach((x, i) => (column[index.get(x) ?? 0] = one.y[i]));
    return column;
  });
  return [positions, ...columns];
}
