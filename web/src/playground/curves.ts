// Training and test loss, step by step.
import { Chart } from "../chart";
import { t } from "../i18n";
import type { State } from "./model";

const mostPoints = 1500;

export class Curves {
  private steps: number[] = [];
  private train: (number | null)[] = [];
  private test: (number | null)[] = [];

  reset(): void {
    this.steps = [];
    this.train = [];
    this.test = [];
  }

  // Each second point goes when there are too many: a long run keeps its whole course.
  add(state: State): void {
    if (this.steps.length > 0 && state.step <= this.steps[this.steps.length - 1]!) return;
    this.steps.push(state.step);
    this.train.push(state.train.loss);
    this.test.push(state.test?.loss ?? null);
    if (this.steps.length <= mostPoints) return;
    const halve = <T>(list: T[]) => list.filter((_, i) => i % 2 === 0 || i === list.length - 1);
    this.steps = halve(this.steps);
    this.train = halve(this.train);
    this.test = halve(this.test);
  }

  draw(chart: Chart, withTest: boolean): void {
    const lines = [{ label: t("pgTrainLoss"), color: "--run-1" }, ...(withTest ? [{ label: t("pgTestLoss"), color: "--run-2" }] : [])];
    chart.set(lines, withTest ? [this.steps, this.train, this.test] : [this.steps, this.train]);
  }
}
