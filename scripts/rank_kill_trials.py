#!/usr/bin/env python3
"""Kills one rank of a training run again and again: the job must end, and go on bit for bit.

    scripts/rank_kill_trials.py [--trials N] [--ranks R] [--program build/release/bin/gradus] [--seed S] [--folder DIR]

A trial starts a small run with batch normalization, dropout and Adam under `mpirun -n R`, and kills one rank (SIGKILL)
at a random moment. Then:

- mpirun ends within 10 s, with a code that is not 0
- no rank of it is left. (Open MPI 4.1.4's mpirun at times waits for ever, its ranks gone, where one was killed while
  it joined the others. That is counted apart.)
- every checkpoint can be read, and no temporary file is left once it went on
- --resume on R ranks ends in the bits (model.safetensors) and scores of a run that was left alone

Prints how long the slowest job took to end, and one line for each trial that failed. Exits 1 if one did.
"""
import argparse
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
data = "make_moons:n_samples=600,noise=0.2"
layers = [{ dense = 64 }, "batch_norm", "relu", { dropout = 0.3 }, { dense = 64 }, "relu", { dense = 2 }]
epochs = 300
batch_size = 16
val_split = 0.2
patience = 100
lr = 0.02
log_every = 20
threads = 1
checkpoint_every = "300steps"
"""
LIMIT_SECONDS = 10
# Of Open MPI: leave to run as root, and on fewer cores than ranks.
ENVIRONMENT = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                   OMPI_MCA_rmaps_base_oversubscribe="1", OMP_NUM_THREADS="1")


def command(options, folder):
    more = ["--shards", str(options.shards)] if options.shards else []
    return ["mpirun", "-n", str(options.ranks), options.program, "train", str(folder.parent / "run.toml"), "--out",
            str(folder), "--resume", "--json", "--quiet", "--no-report", *more]


def start(options, folder):
    return subprocess.Popen(command(options, folder), env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, start_new_session=True)


def ranks_of(job, program):
    """Processes of the job that are ranks: children of mpirun."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            name = os.readlink(entry / "exe")
        except OSError:
            continue
        if int(fields[1]) == job.pid and name == os.path.realpath(program):
            found.append(int(entry.name))
    return sorted(found)


def alive(pid, program):
    try:
        return os.readlink(f"/proc/{pid}/exe") == os.path.realpath(program)
    except OSError:
        return False


def scores(text):
    return {part: json.loads(text)[part] for part in ("train", "val")}


def start_and_kill(options, folder, chance, facts):
    """A job one of whose ranks was killed, and its ranks."""
    while True:
        shutil.rmtree(folder, ignore_errors=True)
        began = time.monotonic()
        job = start(options, folder)
        time.sleep(chance.uniform(0, 0.9 * facts["seconds"]))
        ranks = ranks_of(job, options.program)
        while not ranks and job.poll() is None:  # mpirun has not started them yet
            ranks = ranks_of(job, options.program)
        if job.poll() is None:
            os.kill(chance.choice(ranks), signal.SIGKILL)
            return job, ranks
        job.communicate()  # it was done before: the machine has become faster
        facts["seconds"] = min(facts["seconds"], time.monotonic() - began)


def one_trial(options, folder, whole, chance, facts):
    job, ranks = start_and_kill(options, folder, chance, facts)
    wrong = []
    began = time.monotonic()
    try:
        job.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        if any(alive(pid, options.program) for pid in ranks):
            wrong.append(f"the job did not end within {LIMIT_SECONDS} s")
        else:
            facts["mpirun hung"] += 1
            began = time.monotonic()
        os.killpg(job.pid, signal.SIGKILL)
        job.communicate()
    facts["slowest"] = max(facts["slowest"], time.monotonic() - began)
    left = [pid for pid in ranks if alive(pid, options.program)]
    if left:
        wrong.append(f"ranks are left: {left}")
        for pid in left:
            os.kill(pid, signal.SIGKILL)
    again = subprocess.run(command(options, folder), env=ENVIRONMENT, capture_output=True, text=True)
    if again.returncode != 0:
        return wrong + [f"resume: exit {again.returncode}: {again.stderr.strip()}"]
    if (folder / "model.safetensors").read_bytes() != whole["model"]:
        wrong.append("the weights differ")
    if scores(again.stdout) != whole["scores"]:
        wrong.append("the scores differ")
    if list(folder.rglob(".gradus-*.tmp")):
        wrong.append("temporary files are left")
    facts["went on"] += json.loads(again.stdout)["resumed_from_step"] is not None
    return wrong


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--shards", type=int, default=0)
    parser.add_argument("--program", default=str(root / "build/release/bin/gradus"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", help="where the runs are made; by default a temporary folder")
    options = parser.parse_args()

    failed, chance = 0, random.Random(options.seed)
    facts = {"went on": 0, "slowest": 0.0, "seconds": 0.0, "mpirun hung": 0}
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = pathlib.Path(name).resolve()
        (folder / "run.toml").write_text(RUN)
        began = time.monotonic()
        unbroken = subprocess.run(command(options, folder / "whole"), env=ENVIRONMENT, capture_output=True, text=True)
        facts["seconds"] = time.monotonic() - began
        if unbroken.returncode != 0:
            sys.exit(f"the unbroken run failed: exit {unbroken.returncode}: {unbroken.stderr}")
        whole = {"model": (folder / "whole/model.safetensors").read_bytes(), "scores": scores(unbroken.stdout)}
        for trial in range(options.trials):
            wrong = one_trial(options, folder / "run", whole, chance, facts)
            failed += bool(wrong)
            for text in wrong:
                print(f"trial {trial}: {text}", flush=True)
    print(f"{options.trials} kills of one of {options.ranks} ranks, {facts['went on']} went "
          f"on from a checkpoint; the slowest job ended after {facts['slowest']:.1f} s; {facts['mpirun hung']} times "
          f"mpirun hung without ranks; {failed} trials failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
