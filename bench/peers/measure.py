"""What the Python peers share: the workloads, the command line, timing, the result."""
import argparse
import json
import math
import os
import statistics
import sys
import time
from typing import NamedTuple


class Workload(NamedTuple):
    input: tuple  # the shape of an example
    classes: int
    batch: int
    parameters: int
    settings: dict  # of the optimizer


PAPERS = {"lr": 0.1, "momentum": 0.9, "weight_decay": 1e-4}
WORKLOADS = {
    "seed": Workload((20,), 2, 3, 462, {"lr": 0.1, "weight_decay": 0.01}),
    "mlp": Workload((784,), 10, 128, 235_146, {"adam": True, "lr": 1e-3}),
    "bigmlp": Workload((1024,), 1000, 256, 8_344_552, {"lr": 0.01, "momentum": 0.9}),
    "cnn": Workload((1, 28, 28), 10, 64, 421_642, {"adam": True, "lr": 1e-3}),
    "resnet20": Workload((3, 32, 32), 10, 128, 272_474, PAPERS),
    "densenet40": Workload((3, 32, 32), 10, 64, 1_019_722, PAPERS),
}


def arguments(doc, names, flags=()):
    """Reads the command line, and sets the number of threads for libraries that are imported later."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", choices=names, metavar="WORKLOAD", help=", ".join(names))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2, help="time to spend on the steps")
    parser.add_argument("--layout", choices=["default", "channels_last"], default="default")
    for flag, text in flags:
        parser.add_argument(flag, action="store_true", help=text)
    parsed = parser.parse_args()
    if parsed.layout != "default" and len(WORKLOADS[parsed.workload].input) < 3:
        parser.error(f"--layout {parsed.layout}: {parsed.workload} has no images")
    os.environ["OMP_NUM_THREADS"] = str(parsed.threads)
    return parsed


def measure(run, seconds):
    """Median seconds of a call, as `gradus bench` measures: short calls are repeated within a measurement."""
    for _ in range(3):  # first touch of all memory; compilation, if there is any
        run()
    calls = 1
    while timed(run, calls) < 1e-3:
        calls *= 2
    times = []
    begin = time.perf_counter()
    while len(times) < 5 or time.perf_counter() - begin < seconds:
        times.append(timed(run, calls) / calls)
    return statistics.median(times)


def timed(run, calls):
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return time.perf_counter() - start


def peak_memory_mb():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def report(peer, version, parsed, parameters, losses, seconds):
    """Prints the result of steps of so many seconds, if parameters and losses are those of the workload."""
    workload = WORKLOADS[parsed.workload]
    if parameters != workload.parameters:
        sys.exit(f"{parsed.workload}: {parameters} parameters, {workload.parameters} were needed")
    if not all(math.isfinite(loss) for loss in losses):
        sys.exit(f"{parsed.workload}: the loss is not finite")
    print(json.dumps({"peer": peer, "version": version, "workload": parsed.workload, "layout": parsed.layout,
                      "threads": parsed.threads, "batch": workload.batch, "step_ms": 1e3 * seconds,
                      "samples_per_s": workload.batch / seconds, "parameters": parameters,
                      "first_loss": losses[0], "last_loss": losses[1],
                      "peak_rss_mb": peak_memory_mb()}))
