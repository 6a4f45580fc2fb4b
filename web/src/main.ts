// The page: a bar on top, and the view the address names below it.
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { el } from "./dom";
import { choose, language, languages, t, type Key, type Language } from "./i18n";
import { current, link, type Route, type View } from "./router";
import { applyTheme, chooseTheme, theme, type Theme } from "./theme";
import { openNetwork } from "./views/network";
import { openPlayground } from "./views/playground";
import { openRun } from "./views/run";
import { openRuns } from "./views/runs";

// A new view is a line here, and one in `entries` if the bar names it.
const routes: readonly Route[] = [
  { name: "runs", open: openRuns },
  { name: "run", open: openRun },
  { name: "network", open: openNetwork },
  { name: "playground", open: openPlayground },
];
const entries: readonly { route: string; text: Key }[] = [
  { route: "runs", text: "runs" },
  { route: "playground", text: "playground" },
];

let view: View | null = null;

function select<T extends string>(label: string, options: readonly { id: T; name: string }[], chosen: T, change: (id: T) => void) {
  const onchange = (event: Event) => change((event.target as HTMLSelectElement).value as T);
  const choices = options.map((option) => el("option", { value: option.id, selected: option.id === chosen }, option.name));
  return el("select", { "aria-label": label, onchange }, ...choices);
}

function bar(): HTMLElement {
  const { name } = current();
  const links = entries.map((entry) =>
    el("a", { href: link(entry.route), "aria-current": name === entry.route || (entry.route === "runs" && (name === "run" || name === "network")) ? "page" : null }, t(entry.text)),
  );
  const themes: readonly { id: Theme; name: string }[] = [
    { id: "auto", name: t("themeAuto") },
    { id: "light", name: t("themeLight") },
    { id: "dark", name: t("themeDark") },
  ];
  return el(
    "header",
    { class: "bar" },
    el("a", { class: "skip", href: "#main", onclick: (event: Event) => { event.preventDefault(); document.getElementById("main")?.focus(); } }, t("skipToContent")),
    el("a", { class: "brand", href: link("runs") }, el("img", { src: "/icon.svg", alt: "", width: 20, height: 20 }), "Gradus"),
    el("nav", { "aria-label": "Gradus" }, ...links),
    el("span", { class: "spacer" }),
    select(t("theme"), themes, theme(), chooseTheme),
    select<Language>(t("language"), languages, language(), (id) => { choose(id); show(); }),
  );
}

function show(): void {
  const { name, argument } = current();
  const route = routes.find((candidate) => candidate.name === name);
  if (!route && name === "") return location.replace(link("runs"));
  view?.close();
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
  view = route ? route.open(argument) : { element: el("p", { class: "empty" }, t("notFound")), close: () => undefined };
  document.body.replaceChildren(bar(), el("main", { id: "main", tabindex: -1 }, view.element));
}

applyTheme();
addEventListener("hashchange", show);
show();
