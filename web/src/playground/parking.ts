// What a view leaves behind for a moment: the page is built anew in another language, and the run goes on.
import type { Curves } from "./curves";
import type { Session } from "./model";
import type { Upload } from "./settings";

export interface Parked {
  session: Session;
  curves: Curves;
  link: string; // of its settings
  upload: Upload | null;
}

const patience = 2000; // ms

let kept: { parked: Parked; timer: number } | null = null;

// The session is closed if nobody asks for it soon.
export function park(parked: Parked): void {
  const timer = window.setTimeout(() => {
    kept = null;
    parked.session.close();
  }, patience);
  kept = { parked, timer };
}

export function unpark(link: string): Parked | null {
  if (kept?.parked.link !== link) return null;
  const { parked, timer } = kept;
  clearTimeout(timer);
  kept = null;
  return parked;
}
