// Which view the address names: #/runs, #/run/NAME, ...

export interface View {
  element: HTMLElement;
  // Ends listening and timers; the element is taken away.
  close(): void;
}

export interface Route {
  name: string; // the first part of the hash
  open(argument: string): View;
}

export function link(route: string, argument = ""): string {
  return argument === "" ? `#/${route}` : `#/${route}/${encodeURIComponent(argument)}`;
}

export function current(): { name: string; argument: string } {
  const [, name = "", argument = ""] = location.hash.split("/", 3);
  try {
    return { name, argument: decodeURIComponent(argument) };
  } catch {
    return { name, argument: "" };
  }
}
