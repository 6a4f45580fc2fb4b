#!/usr/bin/env python3
"""Kills a training run again and again, and lets it go on: it must end in the bits of a run that was left alone.

    scripts/kill_trials.py [--trials N] [--program build/release/bin/gradus]
                           [--shim build/release/lib/libgradus_fault_shim.so] [--seed S] [--folder DIR]

A trial starts a small run with everything a checkpoint holds: Adam, dropout, batch normalization, moving averages,
a schedule that looks at the validation loss, the best weights. It is killed (SIGKILL) at a random moment, or, in
every other trial, at the next of the calls that change files (tests/faults/shim.cpp): before it, after it, or,
where bytes are written, in the middle. One in three is killed again while it goes on. Then it is resumed to its
end, and compared with the unbroken run:

- model.safetensors, byte for byte; the scores that are printed, the drawings of its report
- history.jsonl, line for line, without times
- it went on from the newest checkpoint there was when it was killed, so no more is lost than what came after
- no temporary file is left

Prints what was killed where, and one line for each trial that failed. Exits 1 if one did.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

RUN = """
data = "make_moons:n_samples=150,noise=0.2"
layers = [{ dense = 16 }, "batch_norm", "relu", { dropout = 0.3 }, { dense = 2 }]
epochs = 10
batch_size = 16
val_split = 0.2
lr = 0.02
schedule = "plateau:factor=0.5,patience=1"
ema = 0.9
patience = 100
log_every = 1
health_every = 7
threads = 1
checkpoint_every = "3steps"
"""
TIMES = ("seconds", "samples_per_s", "resumed_from_step")
MODES = ("kill", "kill-half", "kill-after")


class Run:
    """One run folder, and the calls that train in it."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.settings = folder.parent / "run.toml"
        self.log = folder.parent / (folder.name + ".log")

    def start(self, fault=None):
        environment = dict(os.environ, OMP_NUM_THREADS="1")
        if fault:
            # A program under AddressSanitizer minds what is loaded before its own library.
            environment |= {"LD_PRELOAD": self.options.shim, "ASAN_OPTIONS": "verify_asan_link_order=0",
                            "GRADUS_FAULT_UNDER": str(self.folder),
                            "GRADUS_FAULT_LOG": str(self.log), **fault}
            self.log.unlink(missing_ok=True)
        command = [self.options.program, "train", str(self.settings), "--out", str(self.folder), "--resume", "--json",
                   "--quiet"]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self, fault=None):
        process = self.start(fault)
        out, err = process.communicate()
        return process.returncode, out, err

    def calls(self):
        """(name, file) of each call that the shim saw."""
        if not self.log.exists():
            return []
        return [tuple(line.split(" ", 2)[1:]) for line in self.log.read_text().splitlines()]

    def newest_step(self):
        files = (self.folder / "checkpoints").glob("step-*.safetensors")
        return max((int(file.stem.removeprefix("step-")) for file in files), default=None)

    def is_finished(self):
        history = self.folder / "history.jsonl"
        return history.exists() and '"type":"finish"' in history.read_text()

    def history(self):
        lines = (self.folder / "history.jsonl").read_text().splitlines()
        return [{key: value for key, value in json.loads(line).items() if key not in TIMES} for line in lines]

    def figures(self):
        return {file.name: file.read_bytes() for file in sorted((self.folder / "figures").glob("*.svg"))}

    def temporaries(self):
        return [str(file) for file in self.folder.rglob(".gradus-*.tmp")]


def scores(text):
    return {part: json.loads(text)[part] for part in ("train", "val", "test")}


def differences(run, whole, out, newest):
    """What of a resumed run is not as it is in the unbroken one."""
    wrong = []
    if (run.folder / "model.safetensors").read_bytes() != (whole.folder / "model.safetensors").read_bytes():
        wrong.append("the weights differ")
    if run.history() != whole.history():
        wrong.append("the history differs")
    if run.figures() != whole.figures():
        wrong.append("the report's drawings differ")
    if scores(out) != whole.scores:
        wrong.append("the scores differ")
    if newest is not None and json.loads(out)["resumed_from_step"] != newest:
        wrong.append(f"went on from step {json.loads(out)['resumed_from_step']}, a checkpoint of {newest} was there")
    if run.temporaries():
        wrong.append(f"left {run.temporaries()}")
    return wrong


class Killer:
    """Ends runs, and counts where."""

    def __init__(self, options, calls, seconds):
        self.random = random.Random(options.seed)
        self.calls, self.seconds = calls, seconds
        self.next, self.killed = 0, collections.Counter()

    def at_a_moment(self, run):
        process = run.start()
        time.sleep(self.random.uniform(0, 0.9 * self.seconds))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed = process.returncode == -signal.SIGKILL
        self.killed["at a random moment" if killed else "not: it was done before"] += 1

    def at_a_call(self, run, call, mode):
        code, _, err = run.finish({"GRADUS_FAULT_AT": str(call), "GRADUS_FAULT_DO": mode})
        if code != -signal.SIGKILL:
            self.killed["not: it was done before"] += 1
            return
        name, file = run.calls()[-1]
        file = pathlib.Path(file).name
        kind = "a checkpoint" if "step-" in file else "a temporary file" if file.endswith(".tmp") else file
        self.killed[f"{mode:<10} {name} of {kind}"] += 1

    def kill(self, run, trial):
        if trial % 2:
            return self.at_a_moment(run)
        self.next += 1
        return self.at_a_call(run, (self.next - 1) % self.calls + 1, MODES[(self.next - 1) // self.calls % len(MODES)])

    def kill_again(self, run):
        if self.random.random() < 0.5:
            return self.at_a_moment(run)
        return self.at_a_call(run, self.random.randint(1, self.calls), self.random.choice(MODES))


def one_trial(options, killer, whole, trial):
    run = Run(options, whole.folder.parent / "run")
    shutil.rmtree(run.folder, ignore_errors=True)
    killer.kill(run, trial)
    if trial % 3 == 0:
        killer.kill_again(run)
    newest = None if run.is_finished() else run.newest_step()
    code, out, err = run.finish()
    if code == 0 and newest is None and run.is_finished():
        # It had come to its end when it was killed, perhaps before its report was complete.
        subprocess.run([options.program, "report", str(run.folder)], check=True, capture_output=True)
    if code != 0:
        return [f"exit {code}: {err.strip()}"]
    if "warning" in err:
        return [err.strip()]
    return differences(run, whole, out, newest)


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--program", default=str(root / "build/release/bin/gradus"))
    parser.add_argument("--shim", default=str(root / "build/release/lib/libgradus_fault_shim.so"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", help="where the runs are made; by default a temporary folder")
    options = parser.parse_args()

    failed = 0
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = pathlib.Path(name).resolve()
        (folder / "run.toml").write_text(RUN)
        whole = Run(options, folder / "whole")
        began = time.monotonic()
        code, out, err = whole.finish({"GRADUS_FAULT_AT": "0"})
        if code != 0:
            sys.exit(f"the unbroken run failed: exit {code}: {err}")
        whole.scores = scores(out)
        killer = Killer(options, len(whole.calls()), time.monotonic() - began)
        for trial in range(options.trials):
            wrong = one_trial(options, killer, whole, trial)
            failed += bool(wrong)
            for text in wrong:
                print(f"trial {trial}: {text}", flush=True)
    for place, count in sorted(killer.killed.items()):
        print(f"{count:5}  {place}")
    print(f"{options.trials} trials, {sum(killer.killed.values())} kills; {failed} trials failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
