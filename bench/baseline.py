#!/usr/bin/python3
"""Watches the speed of training steps, in units of this machine's matrix product.

    /usr/bin/python3 bench/baseline.py --update   # measure, and write bench/baseline.json
    /usr/bin/python3 bench/baseline.py            # measure again; exit code 1 if a workload fell by over 20 %

Compared is each step's share of the speed of a large matrix product that the same process measures, so
another clock or a busy neighbour changes little. `seed` is bound by the overhead of ops, not by arithmetic:
it counts examples trained in the time of 1 GFLOP of that product. Update on an idle machine.
"""
import json
import pathlib
import sys

import support
from support import HERE, WORKLOADS, median, note

FALL = 0.2  # noise of the medians stays well below it on an idle machine


def measure_name(workload):
    return "samples_per_gemm_gflop" if workload == "seed" else "roofline_fraction"


def ratio(result):
    if result["workload"] == "seed":
        return result["samples_per_s"] / result["gemm_gflops"]
    return result["roofline_fraction"]


def measure(workload, arguments, threads):
    """The median ratio over several processes."""
    command = support.gradus_command(arguments.gradus, workload, threads, arguments.seconds, "f32")
    results = [support.measure(command, support.environment(threads)) for _ in range(arguments.runs)]
    if None in results:
        sys.exit(f"baseline: gradus could not run {workload}")
    return median([{"ratio": ratio(result)} for result in results], "ratio")


def update(workloads, arguments):
    """Writes the ratios of these workloads; those of others stay, if they were made alike."""
    head = {"processor": support.processor()[0], "threads": arguments.threads}
    old = json.loads(arguments.file.read_text()) if arguments.file.exists() else {}
    ratios = old.get("workloads", {}) if {key: old.get(key) for key in head} == head else {}
    for workload in workloads:
        value = measure(workload, arguments, arguments.threads)
        ratios[workload] = {measure_name(workload): float(f"{value:.4g}")}
        print(f"{workload}: {measure_name(workload)} {value:.4g}")
    ratios = {workload: ratios[workload] for workload in WORKLOADS if workload in ratios}
    arguments.file.write_text(json.dumps({**head, "workloads": ratios}, indent=2) + "\n")


def check(workloads, arguments):
    """Names the workloads that are slower than they were."""
    if not arguments.file.exists():
        note(f"{arguments.file} is missing. Make it with --update on an idle machine.")
        sys.exit(2)
    baseline = json.loads(arguments.file.read_text())
    if baseline["processor"] != support.processor()[0]:
        note(f"the baseline was measured on another processor, {baseline['processor']}")
    fell = []
    for workload in workloads:
        if workload not in baseline["workloads"]:
            note(f"{workload} has no baseline")
            continue
        before = baseline["workloads"][workload][measure_name(workload)]
        now = measure(workload, arguments, baseline["threads"])
        slower = now < (1 - FALL) * before
        fell += [workload] if slower else []
        print(f"{workload}: {measure_name(workload)} {now:.4g}, was {before:.4g} ({now / before - 1:+.1%})"
              + (" TOO SLOW" if slower else ""))
    if fell:
        sys.exit(f"baseline: more than {FALL:.0%} slower than the baseline: {', '.join(fell)}")


def main():
    parser = support.make_parser(__doc__)
    parser.add_argument("--update", action="store_true", help="write the file instead of comparing with it")
    parser.add_argument("--runs", type=int, default=5, help="processes for each workload (5)")
    parser.add_argument("--seconds", type=float, default=1, help="time for the steps in a process (1)")
    parser.add_argument("--threads", type=int, default=2,
                        help="with --update (2); without it the file's number is used")
    parser.add_argument("--file", type=pathlib.Path, default=HERE / "baseline.json",
                        help="the baseline (bench/baseline.json)")
    arguments = parser.parse_args()
    if arguments.runs < 1:
        sys.exit("--runs: at least 1 was needed")
    workloads = support.chosen_workloads(arguments)
    (update if arguments.update else check)(workloads, arguments)


if __name__ == "__main__":
    main()
