#!/usr/bin/env python3
"""How a training step's time grows with batch, width, depth and threads, and how long one example takes.

    /usr/bin/python3 bench/scaling.py [--gradus BIN] [--threads N] [--seconds X] [--out docs/figures/scaling.svg]

Prints two Markdown tables and draws the curves. Every point is the median step of one `gradus bench` process.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Bench:
    def __init__(self, program, threads, seconds, folder):
        self.program, self.threads, self.seconds, self.folder = program, threads, seconds, pathlib.Path(folder)

    def __call__(self, workload, *flags, threads=None):
        command = [self.program, "bench", str(workload), "--json", "--seconds", str(self.seconds),
                   "--threads", str(threads or self.threads), *flags]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

    def dense(self, width, depth):
        """A file with a dense network of `depth` hidden layers."""
        file = self.folder / f"dense-{width}-{depth}.toml"
        hidden = f"{{ dense = {width} }}, 'relu', " * depth
        file.write_text(f"input = [256]\nlayers = [{hidden}{{ dense = 10 }}]\n")
        return file


def curve(points, measure):
    return points, [measure(p) for p in points]


def table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "| --- " + "| ---: " * (len(columns) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gradus", default=str(ROOT / "build/release/bin/gradus"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs/figures/scaling.svg")
    arguments = parser.parse_args()
    plt.rcParams["svg.hashsalt"] = "gradus"
    picture, (batch, width, depth) = plt.subplots(1, 3, figsize=(12, 3.6), constrained_layout=True)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments.gradus, arguments.threads, arguments.seconds, folder)
        for name, sizes in {"mlp": [1, 4, 16, 64, 256, 1024], "cnn": [1, 4, 16, 64, 256],
                            "resnet20": [1, 4, 16, 64, 128]}.items():
            x, y = curve(sizes, lambda n, name=name: bench(name, "--batch-size", str(n))["step_ms"] / n * 1e3)
            batch.plot(x, y, marker=".", label=name)
        batch.set(title="Time of an example by batch", xlabel="batch", ylabel="microseconds", xscale="log", yscale="log")
        batch.legend()
        x, y = curve([32, 64, 128, 256, 512, 1024, 2048], lambda w: bench(bench.dense(w, 2))["step_ms"])
        width.plot(x, y, marker=".")
        width.set(title="Step of 256-w-w-10 by width", xlabel="w", ylabel="ms", xscale="log", yscale="log")
        x, y = curve([1, 2, 4, 8, 16, 32], lambda d: bench(bench.dense(256, d))["step_ms"])
        depth.plot(x, y, marker=".")
        depth.set(title="Step of d layers of 256 by depth", xlabel="d", ylabel="ms", xscale="log", yscale="log")

        rows = []
        for name in ("seed", "mlp", "bigmlp", "cnn", "resnet20", "densenet40"):
            one, two = (bench(name, threads=t)["step_ms"] for t in (1, 2))
            rows.append([name, f"{one:.4g}", f"{two:.4g}", f"{one / two:.2f}"])
        print(table(["workload", "1 thread, ms", "2 threads, ms", "speedup"], rows))
        rows = []
        for name in ("cnn", "resnet20"):
            times = [bench(name, "--inference", "--batch-size", "1", threads=t)["step_ms"] for t in (1, 2)]
            rows.append([name] + [f"{1e3 * t:.0f}" for t in times])
        print(table(["one example, inference", "1 thread, us", "2 threads, us"], rows))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(arguments.out, metadata={"Date": None})
    print(f"figure: {arguments.out}")


if __name__ == "__main__":
    main()
