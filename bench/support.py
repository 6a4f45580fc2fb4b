"""What compare.py, baseline.py and train_speed.py share: running one measurement, medians, the machine."""
import argparse
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
GRADUS = ROOT / "build/release/bin/gradus"
WORKLOADS = ["seed", "mlp", "bigmlp", "cnn", "resnet20", "densenet40"]


def note(message):
    print(f"{pathlib.Path(sys.argv[0]).stem}: {message}", file=sys.stderr)


def make_parser(doc, subjects="--workloads", known=WORKLOADS):
    """The options that all have."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(subjects, metavar="LIST", help=", ".join(known) + "; by default all")
    parser.add_argument("--gradus", type=pathlib.Path, default=GRADUS, metavar="BIN",
                        help="the program (build/release/bin/gradus)")
    return parser


def require_program(arguments):
    if not arguments.gradus.exists():
        sys.exit(f"{arguments.gradus} is missing. Build it, or name another with --gradus.")


def chosen_workloads(arguments):
    require_program(arguments)
    return chosen(arguments.workloads, WORKLOADS, "workload")


def chosen(text, known, what):
    """The names of a list with commas; all of them if there is no list."""
    names = text.split(",") if text else list(known)
    for name in names:
        if name not in known:
            sys.exit(f"there is no {what} '{name}'; there are {', '.join(known)}")
    return names


def environment(threads):
    """Every process gets this many threads, and waits for them as its library does by default."""
    variables = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    variables.pop("OMP_WAIT_POLICY", None)
    return variables


def measure(command, variables):
    """The JSON object a measurement prints, or None, with a note, if it failed."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, env=variables, check=False)
    if done.returncode == 0:
        return json.loads(done.stdout)
    last = done.stderr.strip().splitlines()[-1:]
    note(f"{' '.join(words)}: exit code {done.returncode}; {''.join(last)}")
    return None


def gradus_command(gradus, workload, threads, seconds, precision):
    return [gradus, "bench", workload, "--threads", threads, "--seconds", seconds, "--precision", precision,
            "--json"]


def median(results, what):
    return statistics.median(result[what] for result in results)


def processor():
    """The processor's name and what it can do."""
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    text = cpuinfo.read_text() if cpuinfo.exists() else ""
    name = re.search(r"model name\s*:\s*(.*)", text)
    flags = re.search(r"flags\s*:\s*(.*)", text)
    return name[1] if name else platform.machine(), set(flags[1].split()) if flags else set()


def machine():
    return f"{processor()[0]}, {os.cpu_count()} cores"
