// Light or dark: as the system is, or as chosen.
import { remembered, remember } from "./memory";

export type Theme = "auto" | "light" | "dark";

const listeners = new Set<() => void>();
const system = matchMedia("(prefers-color-scheme: dark)");

export function theme(): Theme {
  const kept = remembered("theme", "auto");
  return kept === "light" || kept === "dark" ? kept : "auto";
}

export function applyTheme(): void {
  const dark = theme() === "dark" || (theme() === "auto" && system.matches);
  document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  for (const listener of listeners) listener();
}

export function chooseTheme(chosen: Theme): void {
  remember("theme", chosen);
  applyTheme();
}

// Charts draw their colours themselves, so they draw again. Call what it returns to end.
export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// A custom property of the style sheet: color("--ink").
export function color(property: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}

system.addEventListener("change", applyTheme);
