// The run on the server as the page knows it: what it was told last, and all that can be asked of it.
import { ApiError, listen } from "../api";
import { t } from "../i18n";
import { errorText } from "../messages";
import { Curves } from "./curves";
import type { Form } from "./form";
import { open, Session, unpacked, type Opened, type Phases, type Setup, type State } from "./model";
import { park, unpark } from "./parking";
import { toLink, toRequest } from "./settings";

export interface Listener {
  changed(): void; // there are new numbers, or another phase is looked at
  rebuilt(setup: Setup): void; // there is another network; changed() follows
  refused(problem: string): void; // why, or "" when something worked again
  connected(connected: boolean): void;
}

export class Live {
  curves = new Curves();
  setup: Setup | null = null;
  state: State | null = null;
  step: Phases | null = null; // the step that is looked into
  phase = 0; // of it
  playing = false;
  private session: Session | null = null;
  private endEvents: () => void = () => undefined;
  private closed = false;

  constructor(private readonly listener: Listener) {}

  // The view goes; the run waits a moment for the next one.
  close(form: Form | null): void {
    this.closed = true;
    this.endEvents();
    if (this.session && form) park({ session: this.session, curves: this.curves, link: toLink(form.settings), upload: form.uploaded });
  }

  // The page goes.
  leave(): void {
    this.session?.close();
  }

  // Runs what may be refused.
  async attempt(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
      this.listener.refused("");
    } catch (error) {
      this.listener.refused(error instanceof ApiError ? error.message : t("disconnected"));
    }
  }

  // Goes on with what was parked. False: there is nothing that fits these settings.
  async resume(form: Form): Promise<boolean> {
    const parked = unpark(toLink(form.settings));
    if (!parked) return false;
    const { session, curves, upload } = parked;
    if (upload) form.uploaded = upload;
    this.curves = curves;
    this.setup = await session.setup();
    this.listener.rebuilt(this.setup);
    this.take(await session.state(null));
    this.follow(session);
    return true;
  }

  // A network and a run of it as the settings say, from step 0.
  async build(form: Form): Promise<void> {
    if (this.closed) return;
    const request = toRequest(form.settings, form.uploaded, form.takesMomentum);
    await this.attempt(async () => {
      const opened = await this.opened(request);
      if (this.closed) return new Session(opened.id).close();
      this.setup = opened.setup;
      this.step = null;
      this.playing = false;
      this.curves.reset();
      this.listener.rebuilt(opened.setup);
      this.take(opened.state);
      if (this.session?.id !== opened.id) this.follow(new Session(opened.id));
    });
  }

  // A server that was started anew, or got no word for long, has forgotten the session.
  private async opened(request: Record<string, unknown>): Promise<Opened> {
    if (this.session) {
      try {
        return await this.session.set(request);
      } catch (error) {
        const known = await this.session.state(null).then(() => true, () => false);
        if (known) throw error;
      }
    }
    return open(request);
  }

  private follow(session: Session): void {
    this.endEvents();
    this.session = session;
    const problem = ({ error, code }: { error: string; code?: string }) => {
      this.playing = false;
      this.listener.changed();
      this.listener.refused(errorText(code, error));
    };
    const state = (packed: Parameters<typeof unpacked>[0]) => {
      this.playing = packed.playing ?? false;
      this.take(unpacked(packed));
    };
    this.endEvents = listen(session.events, { state, problem }, (connected) => this.listener.connected(connected));
  }

  private take(state: State): void {
    this.state = state;
    if (this.step && this.step.step !== state.step) this.step = null;
    this.curves.add(state);
    this.listener.changed();
  }

  setSpeed(stepsPerSecond: number): void {
    const { session } = this;
    if (this.playing && session) void this.attempt(() => session.play(stepsPerSecond));
  }

  async togglePlay(stepsPerSecond: number): Promise<void> {
    const { session } = this;
    if (!session) return;
    this.step = null;
    await this.attempt(() => (this.playing ? session.pause() : session.play(stepsPerSecond)));
  }

  async takeStep(): Promise<void> {
    const { session } = this;
    if (!session) return;
    const inside = this.step !== null;
    await this.attempt(async () => {
      this.take(await session.step());
      if (inside) await this.enter(0);
    });
  }

  // Into the next step, at one of its phases; the last for -1.
  private async enter(phase: number): Promise<void> {
    const { session } = this;
    if (!session) return;
    await this.attempt(async () => {
      if (this.playing) await session.pause();
      const step = await session.phases(this.state?.example ?? null);
      this.state = await session.state(step.example);
      this.step = step;
      this.phase = phase < 0 ? step.phases.length - 1 : phase;
      this.listener.changed();
    });
  }

  async go(phase: number): Promise<void> {
    if (!this.step) return this.enter(Math.min(phase, 0));
    if (phase < 0) return;
    if (phase >= this.step.phases.length) return this.takeStep();
    this.phase = phase;
    this.listener.changed();
  }

  async choose(example: number | null): Promise<void> {
    const { session } = this;
    if (!session) return;
    await this.attempt(async () => {
      const state = await session.choose(example);
      const phase = this.step ? this.phase : -1;
      this.take(state);
      if (phase >= 0) await this.enter(phase);
    });
  }

  leaveStep(): void {
    this.step = null;
    this.listener.changed();
  }
}
