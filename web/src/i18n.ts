// The page's texts in the language chosen.
import { en } from "./i18n/en";
import { zh } from "./i18n/zh";
import { remembered, remember } from "./memory";

export type Texts = { readonly [K in keyof typeof en]: string };
export type Key = keyof Texts;
export type Language = "en" | "zh";

const tables: Record<Language, Texts> = { en, zh };

export const languages: readonly { id: Language; name: string }[] = [
  { id: "en", name: "English" },
  { id: "zh", name: "简体中文" },
];

const preferred = remembered("language", navigator.language.startsWith("zh") ? "zh" : "en");
let chosen: Language = preferred === "zh" ? "zh" : "en";

export function language(): Language {
  return chosen;
}

export function choose(id: Language): void {
  chosen = id;
  remember("language", id);
}

// t("stepsOf", { step: 3 }): the text with each {name} filled in.
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return tables[chosen][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
