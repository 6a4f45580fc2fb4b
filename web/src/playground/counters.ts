// Where the run stands, in a line.
import { el } from "../dom";
import { grouped, measure, share } from "../format";
import { t } from "../i18n";
import type { Scores, State } from "./model";

export function counters(state: State): HTMLElement[] {
  const entry = (name: string, value: string) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  const scores = (one: Scores | null) => (one ? `${measure(one.loss)}${one.accuracy === null ? "" : ` · ${share(one.accuracy)}`}` : "–");
  return [entry(t("step"), grouped(state.step)), entry(t("epoch"), grouped(state.epoch)), entry(t("pgTrain"), scores(state.train)), entry(t("pgTest"), scores(state.test))];
}
