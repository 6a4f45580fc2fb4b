"""What the experiments share: running gradus, reading a run's history, figures, tables."""
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tomllib

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

# Equal runs give equal files: no dates, no random ids; text stays text.
plt.rcParams.update({"svg.hashsalt": "gradus", "svg.fonttype": "none", "font.size": 9, "axes.grid": True,
                     "grid.alpha": 0.3, "figure.constrained_layout.use": True})


class Run:
    """A finished run: its settings, its result and the lines of its history."""

    def __init__(self, name, file, out, result):
        self.name, self.file, self.out, self.result = name, file, out, result
        self.config = tomllib.loads(file.read_text())
        self.title = self.config_comment(file)
        lines = [json.loads(line) for line in (out / "history.jsonl").read_text().splitlines()]
        self.steps = [line for line in lines if line["type"] == "step"]
        self.epochs = [line for line in lines if line["type"] == "epoch"]
        self.probes = {line["step"]: line for line in lines if line["type"] == "probe"}

    @staticmethod
    def config_comment(file):
        first = file.read_text().splitlines()[0]
        return first.lstrip("# ").strip() if first.startswith("#") else file.stem

    def score(self, part, what="accuracy"):
        scores = self.result[part]
        return float("nan") if scores is None or scores[what] is None else scores[what]

    def seconds(self):
        return self.result["seconds"]

    def curve(self, part, what):
        """Steps and values of a part's score at the end of each epoch."""
        lines = [e for e in self.epochs if e[part] is not None]
        return [e["step"] for e in lines], [e[part][what] for e in lines]

    def logged(self, what="smoothed_loss"):
        """Steps, seconds and values of the lines that are written every so many steps."""
        return ([s["step"] for s in self.steps], [s["seconds"] for s in self.steps], [s[what] for s in self.steps])


def train(gradus, file, out, steps, threads):
    """Trains the run of a TOML file into a folder, or goes on with it; gives the finished Run."""
    command = [str(gradus), "train", str(file), "--out", str(out), "--json", "--threads", str(threads)]
    if steps:
        command += ["--steps", str(steps)]
    if (out / "run.toml").exists():
        command = [str(gradus), "train", "--out", str(out), "--resume", "--json"]
    print("+ " + " ".join(command), file=sys.stderr)
    # Threads that wait for each other go to sleep after half a millisecond: others may want the machine.
    environment = {"GOMP_SPINCOUNT": "10000", **os.environ}
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, env=environment)
    if done.returncode != 0:
        sys.exit(f"experiments: {file}: gradus train ended with exit code {done.returncode}")
    return Run(file.stem, file, out, json.loads(done.stdout))


class Figures:
    """Makes SVG figures into a folder and remembers them."""

    def __init__(self, out, made):
        self.out, self.made = out, made

    def save(self, figure, name):
        path = self.out / f"{name}.svg"
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
        self.made.append(path)


def figure(columns=1, width=4.2, height=3.0, **options):
    return plt.subplots(1, columns, figsize=(width * columns, height), **options)


def plot_losses(axes, runs):
    """Each run's smoothed training loss by steps, with a legend."""
    for run in runs:
        steps, _, values = run.logged()
        axes.plot(steps, values, label=run.title)
    axes.set(title="Training loss (smoothed)", xlabel="step", yscale="log")
    axes.legend()


def table(header, rows):
    """A table in Markdown; numbers are right-aligned."""
    def cell(value):
        return f"{value:.4f}" if isinstance(value, float) else str(value)
    lines = ["| " + " | ".join(header) + " |",
             "| " + " | ".join("---" if i == 0 else "---:" for i in range(len(header))) + " |"]
    lines += ["| " + " | ".join(cell(v) for v in row) + " |" for row in rows]
    return "\n".join(lines)


def machine():
    model = "unknown processor"
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    if cpuinfo.exists():
        found = re.search(r"model name\s*:\s*(.*)", cpuinfo.read_text())
        model = found.group(1) if found else platform.machine()
    return f"{model}, {os.cpu_count()} cores"


def describe(name, doc, body, runs, figures, steps):
    """The section about an experiment in docs/results.md."""
    seeds = sorted({run.config.get("seed", 0) for run in runs})
    minutes = sum(run.seconds() for run in runs) / 60
    command = f"python3 experiments/run.py {name}" + (f" --steps {steps}" if steps else "")
    lines = [f"### {doc.strip().splitlines()[0].rstrip('.')}", "", "\n".join(doc.strip().splitlines()[1:]).strip(), "",
             body, "", "".join(f"![{f.stem}](figures/{f.name})\n" for f in figures),
             f"`{command}`, seed {', '.join(map(str, seeds))}, {minutes:.1f} minutes on {machine()}."]
    if steps:
        lines.append(f"Cut short after {steps} steps a run.")
    return "\n".join(lines) + "\n"


def publish(docs, name, text, figures):
    """Puts a section between its markers in docs/results.md, and the figures beside it."""
    (docs / "figures").mkdir(exist_ok=True)
    for path in figures:
        shutil.copy(path, docs / "figures" / path.name)
    page = docs / "results.md"
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    section = f"{begin}\n{text}{end}"
    old = page.read_text()
    if begin in old:
        old = old[:old.index(begin)] + section + old[old.index(end) + len(end):]
    else:
        old = old.rstrip() + "\n\n" + section + "\n"
    page.write_text(old)
