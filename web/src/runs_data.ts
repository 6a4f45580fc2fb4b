// What the server tells of runs, kept up to date: summaries through events, histories in pieces.
import { get, listen } from "./api";

export interface Scores {
  loss: number | null;
  accuracy: number | null;
  n: number;
}

export type RunState = "new" | "running" | "paused" | "stopped" | "finished";

export interface Run {
  name: string;
  state: RunState;
  settings: Record<string, string | number | boolean>;
  problem?: string;
  step?: number | null;
  epoch?: number | null;
  seconds?: number | null;
  samples_per_s?: number | null;
  lr?: number | null;
  loss?: number | null;
  train?: Scores | null;
  val?: Scores | null;
  test?: Scores | null;
  parameters?: number | null;
}

export interface StepLine {
  type: "step";
  step: number;
  epoch: number;
  loss: number | null;
  smoothed_loss: number | null;
  accuracy: number | null;
  lr: number | null;
  seconds: number;
  samples_per_s: number | null;
}

export interface EpochLine {
  type: "epoch";
  epoch: number;
  step: number;
  train: Scores | null;
  val: Scores | null;
  best: boolean;
  lr: number | null;
  seconds: number;
  samples_per_s: number | null;
}

export type HistoryLine = StepLine | EpochLine | { type: "other" };

interface Piece {
  generation: number;
  next: number;
  lines: HistoryLine[];
}

// One run's history so far. `update` fetches what is new.
export class History {
  steps: StepLine[] = [];
  epochs: EpochLine[] = [];
  private next = 0;
  private generation = -1;
  private fetching = false;
  private again = false;

  constructor(readonly name: string) {}

  // True: there was something new.
  async update(): Promise<boolean> {
    if (this.fetching) {
      this.again = true;
      return false;
    }
    this.fetching = true;
    let changed = false;
    try {
      do {
        this.again = false;
        while (await this.fetchPiece()) changed = true;
      } while (this.again);
    } finally {
      this.fetching = false;
    }
    return changed;
  }

  private async fetchPiece(): Promise<boolean> {
    const piece = await get<Piece>(`/api/runs/${encodeURIComponent(this.name)}/history?from=${this.next}`);
    if (piece.generation !== this.generation && this.next > 0) {
      this.steps = [];
      this.epochs = [];
      this.next = 0;
      this.generation = piece.generation;
      return true;
    }
    this.generation = piece.generation;
    const changed = piece.next !== this.next;
    this.next = piece.next;
    for (const line of piece.lines) {
      if (line.type === "step") this.steps.push(line);
      else if (line.type === "epoch") this.epochs.push(line);
    }
    return changed;
  }
}

// All runs of the folder; `changed` is called with the names of those that changed. Call close() to end.
export class RunsData {
  runs = new Map<string, Run>();
  dir = "";
  connected = true;
  close: () => void;

  constructor(changed: (names: readonly string[]) => void) {
    this.close = listen(
      "/api/events",
      {
        runs: (all: { dir: string; runs: Run[] }) => {
          this.dir = all.dir;
          this.runs = new Map(all.runs.map((run) => [run.name, run]));
          changed([...this.runs.keys()]);
        },
        run: (run: Run) => {
          this.runs.set(run.name, run);
          changed([run.name]);
        },
      },
      (connected) => {
        if (connected === this.connected) return;
        this.connected = connected;
        changed([]);
      },
    );
  }
}
