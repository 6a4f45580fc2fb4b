#!/usr/bin/python3
"""Compares training steps in Gradus with those in PyTorch, LibTorch, dlib and scikit-learn.

    /usr/bin/python3 bench/compare.py [--workloads mlp,cnn] [--peers pytorch,dlib] [--threads T] [--rounds N]

Every measurement is a process of its own. In each round all contestants of a workload take their turn, so
that what else the machine does strikes all of them; then medians over the rounds are compared. Prints a table
in Markdown. A peer that is not installed is left out, with a note on standard error.
"""
import json
import pathlib
import subprocess
import sys
from typing import NamedTuple

import support
from support import HERE, ROOT, WORKLOADS, median, note

PYTHON = "/usr/bin/python3"
IMAGES = ["cnn", "resnet20", "densenet40"]
BLAS = "libblas.so.3"


class Peer(NamedTuple):
    title: str
    command: list
    workloads: list
    # Ways to run it; the best counts. Each is a list of flags, and the workloads it is for.
    ways: dict
    needs: str  # the Debian package
    module: str = ""  # the Python module
    sources: pathlib.Path = None  # the folder of a C++ peer


def peers():
    build = ROOT / "build/bench"
    default = {"default": ([], WORKLOADS)}
    layouts = {**default, "channels_last": (["--layout", "channels_last"], IMAGES)}
    return {
        "pytorch": Peer("PyTorch", [PYTHON, HERE / "peers/pytorch.py"], WORKLOADS,
                        {**layouts, "jit": (["--jit"], WORKLOADS)}, "python3-torch", module="torch"),
        "libtorch": Peer("LibTorch", [build / "libtorch/libtorch"], WORKLOADS, layouts, "libtorch-dev",
                         sources=HERE / "peers/libtorch"),
        "dlib": Peer("dlib", [build / "dlib/dlib"], ["seed", "mlp", "bigmlp", "cnn"], default, "libdlib-dev",
                     sources=HERE / "peers/dlib"),
        "scikit-learn": Peer("scikit-learn", [PYTHON, HERE / "peers/scikit_learn.py"],
                             ["seed", "mlp", "bigmlp"], default, "python3-sklearn", module="sklearn"),
    }


def quiet(*command):
    """Whether a command succeeds."""
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def ready(peer):
    """Whether a peer can run; the C++ ones are built."""
    if peer.module:
        return quiet(PYTHON, "-c", f"import {peer.module}")
    build = peer.command[0].parent
    return (quiet("cmake", "-S", peer.sources, "-B", build, "-DCMAKE_BUILD_TYPE=Release")
            and quiet("cmake", "--build", build))


def blas_folder(given):
    """Where the BLAS of the peers is: the given folder, else that of Debian's OpenBLAS."""
    if given:
        if not (given / BLAS).exists():
            sys.exit(f"--blas: {given} holds no {BLAS}")
        return given
    for threading in ("openmp", "pthread", "serial"):
        for found in pathlib.Path("/usr/lib").glob(f"*/openblas-{threading}/{BLAS}"):
            return found.parent
    note("no OpenBLAS (Debian: libopenblas0-openmp) was found; the peers use the system's BLAS, perhaps slow")
    return None


def peer_environment(threads, blas):
    variables = support.environment(threads)
    if blas:
        old = variables.get("LD_LIBRARY_PATH")
        variables["LD_LIBRARY_PATH"] = f"{blas}:{old}" if old else str(blas)
    # An OpenBLAS older than the processor takes it for an ancient one, so it is told what to use.
    flags = support.processor()[1]
    core = ("SkylakeX" if {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= flags
            else "Haswell" if {"avx2", "fma"} <= flags else None)
    if core:
        variables.setdefault("OPENBLAS_CORETYPE", core)
    return variables


def contestants(workload, chosen, arguments, blas):
    """Names, commands and environments of all that take their turn in a round."""
    common = [workload, "--threads", arguments.threads, "--seconds", arguments.seconds]
    own = support.gradus_command(arguments.gradus, workload, arguments.threads, arguments.seconds,
                                 arguments.precision)
    yield "gradus", "default", own, support.environment(arguments.threads)
    for name, peer in chosen.items():
        for way, (flags, workloads) in peer.ways.items():
            if workload in peer.workloads and workload in workloads:
                yield name, way, [*peer.command, *common, *flags], peer_environment(arguments.threads, blas)


def run(workload, chosen, arguments, blas):
    """Results by (name, way), a list over the rounds."""
    results = {}
    for number in range(arguments.rounds):
        for name, way, command, variables in contestants(workload, chosen, arguments, blas):
            note(f"{workload}, round {number + 1} of {arguments.rounds}: {name}, {way}")
            result = support.measure(command, variables)
            if result:
                results.setdefault((name, way), []).append(result)
    if ("gradus", "default") not in results:
        sys.exit(f"compare: gradus could not run {workload}")
    return results


def best_way(results, name):
    """The fastest way a peer went, and its results; None if it has none."""
    ways = [(way, list_) for (who, way), list_ in results.items() if who == name]
    return max(ways, key=lambda each: median(each[1], "samples_per_s"), default=None)


def step_text(ms):
    if ms >= 1000:
        return f"{1e-3 * ms:.3g} s"
    return f"{1e3 * ms:.3g} us" if ms < 0.1 else f"{ms:.3g} ms"


def brief(number):
    for factor, unit in ((1e6, " M"), (1e3, " k")):
        if number >= factor:
            return f"{number / factor:.3g}{unit}"
    return f"{number:.3g}"


def ratio(a, b):
    return f"{a / b:.2f}"


def row(workload, results, chosen):
    own = results["gradus", "default"]
    speed, memory = median(own, "samples_per_s"), median(own, "peak_rss_mb")
    cells = [workload, step_text(median(own, "step_ms")), brief(speed),
             f"{median(own, 'roofline_fraction'):.1%}", f"{memory:.0f} MiB"]
    fastest = {}
    for name, peer in chosen.items():
        best = best_way(results, name)
        if not best:
            cells.append("")
            continue
        way, list_ = best
        fastest[name] = (median(list_, "samples_per_s"), median(list_, "peak_rss_mb"))
        cells.append(brief(fastest[name][0]) + (f" ({way})" if len(peer.ways) > 1 else ""))
    if not fastest:
        return cells + [""] * 4
    winner = max(fastest, key=lambda name: fastest[name][0])
    cells += [chosen[winner].title, ratio(speed, fastest[winner][0])]
    torch = fastest.get("pytorch")
    return cells + ([ratio(speed, torch[0]), ratio(memory, torch[1])] if torch else ["", ""])


def table(header, rows):
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def versions(raw, chosen):
    """The peers' versions, as they told them."""
    found = {result["peer"]: result["version"] for results in raw.values() for list_ in results.values()
             for result in list_ if "peer" in result}
    return ", ".join(f"{peer.title} {found[name]}" for name, peer in chosen.items() if name in found)


def write_json(path, raw, arguments, blas):
    runs = [{"contestant": name, "way": way, "workload": workload, "results": list_}
            for workload, results in raw.items() for (name, way), list_ in results.items()]
    head = {"machine": support.machine(), "threads": arguments.threads, "rounds": arguments.rounds,
            "seconds": arguments.seconds, "blas": str(blas) if blas else None}
    path.write_text(json.dumps({**head, "runs": runs}, indent=1) + "\n")


def read_arguments(known):
    parser = support.make_parser(__doc__)
    parser.add_argument("--peers", metavar="LIST", help=", ".join(known) + "; by default all")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2, help="time for the steps in a process (2)")
    parser.add_argument("--precision", default="f32", help="of Gradus; the peers compute in f32")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the raw numbers there")
    parser.add_argument("--blas", type=pathlib.Path, metavar="DIR",
                        help=f"folder of the peers' {BLAS}; by default that of OpenBLAS, if it is installed")
    return parser.parse_args()


def main():
    known = peers()
    arguments = read_arguments(known)
    workloads = support.chosen_workloads(arguments)
    if arguments.rounds < 1:
        sys.exit("--rounds: at least 1 was needed")
    blas = blas_folder(arguments.blas)
    chosen = {}
    for name in support.chosen(arguments.peers, known, "peer"):
        if ready(known[name]):
            chosen[name] = known[name]
        else:
            note(f"{known[name].title} is left out: it does not load or build (Debian: {known[name].needs})")

    raw = {workload: run(workload, chosen, arguments, blas) for workload in workloads}
    precision = "" if arguments.precision == "f32" else f" ({arguments.precision})"
    header = ["workload", f"Gradus{precision} step", "samples/s", "of GEMM", "memory",
              *[peer.title for peer in chosen.values()], "best peer", "Gradus / best", "Gradus / PyTorch",
              "memory / PyTorch"]
    print(table(header, [row(workload, results, chosen) for workload, results in raw.items()]))
    print(f"\nMedians of {arguments.rounds} rounds, {arguments.threads} threads, {support.machine()}. "
          f"{versions(raw, chosen)}. Peers in samples/s; "
          "a ratio of speeds above 1 says that Gradus is faster.")
    if arguments.json:
        write_json(arguments.json, raw, arguments, blas)


if __name__ == "__main__":
    main()
