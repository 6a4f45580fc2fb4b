// What the server and the library say, in the language chosen. In English it is what they wrote themselves.
import { language } from "./i18n";
import { errorsZh, findingsZh } from "./i18n/messages_zh";
import type { FindingLine } from "./runs_data";

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

export function errorText(code: string | undefined, message: string): string {
  const text = language() === "zh" && code !== undefined ? errorsZh[code] : undefined;
  return text === undefined ? message : filled(text, { reason: message });
}

export function findingText(line: FindingLine): { place: string; evidence: string; remedy: string } {
  const texts = language() === "zh" && line.wording !== undefined ? findingsZh[line.wording] : undefined;
  if (!texts) return { place: line.place, evidence: line.evidence, remedy: line.remedy };
  const values = line.values ?? {};
  return { place: line.place === "data" ? "数据" : line.place, evidence: filled(texts[0], values), remedy: filled(texts[1], values) };
}
