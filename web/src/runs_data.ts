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
  total_steps?: number | null;
  total_epochs?: number | null;
  ordered_lr?: number | null;
  report?: boolean;
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

export interface StartLine {
  type: "start";
  total_steps: number;
  total_epochs: number;
  steps_per_epoch: number;
  batch_size: number;
  parameters: number;
  trainable_parameters: number;
  examples: { train: number; val: number; test: number };
  input: number[];
  flops_per_step: number;
  memory_bytes: number;
  layers: { path: string; kind: string; output: number[]; parameters: number; flops: number }[];
}

// Of --probe, and of the looks at a network's health: both tell each parameter's norms.
export interface NormsLine {
  type: "probe" | "health";
  step: number;
  parameters: { name: string; norm: number | null; gradient_norm: number | null; update_norm?: number | null }[];
}

export interface FindingLine {
  type: "finding";
  rule: string;
  place: string;
  step: number;
  evidence: string;
  remedy: string;
  wording?: string; // which sentences these are, and what they are filled in with
  values?: Record<string, string>;
}

// What ended a run before its time.
export interface EndLine {
  type: "end";
  step: number;
  cause: "interrupted" | "stopped" | "diverged";
  what: string;
}

export interface OrderLine {
  type: "order";
  step: number;
  order: "pause" | "resume" | "stop" | "lr";
  lr?: number;
}

export interface LiveLine extends StepLine {
  total_steps: number;
  total_epochs: number;
  eta_seconds: number | null;
}

export type HistoryLine = StepLine | EpochLine | StartLine | NormsLine | FindingLine | OrderLine | EndLine;

interface Piece {
  generation: number;
  next: number;
  lines: HistoryLine[];
}

// One run's history so far. `update` fetches what is new.
export class History {
  steps: StepLine[] = [];
  epochs: EpochLine[] = [];
  norms: NormsLine[] = [];
  findings: FindingLine[] = [];
  orders: OrderLine[] = [];
  start: StartLine | null = null;
  end: EndLine | null = null;
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
      this.norms = [];
      this.findings = [];
      this.orders = [];
      this.start = null;
      this.end = null;
      this.next = 0;
      this.generation = piece.generation;
      return true;
    }
    this.generation = piece.generation;
    const changed = piece.next !== this.next;
    this.next = piece.next;
    for (const line of piece.lines) this.add(line);
    return changed;
  }

  private add(line: HistoryLine): void {
    if (line.type === "step") this.steps.push(line);
    else if (line.type === "epoch") this.epochs.push(line);
    else if (line.type === "probe" || line.type === "health") this.norms.push(line);
    else if (line.type === "finding") this.findings.push(line);
    else if (line.type === "order") this.orders.push(line);
    else if (line.type === "start") this.start = line;
    else if (line.type === "end") this.end = line;
  }
}

// One run: `changed` when its summary or state did, `live` for each step it tells of while it trains.
export function watchRun(name: string, changed: (run: Run) => void, live: (line: LiveLine) => void, connected: (yes: boolean) => void): () => void {
  return listen(`/api/runs/${encodeURIComponent(name)}/events`, { run: changed, live }, connected);
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
