#!/usr/bin/env python3
"""Runs a named experiment: trains each of its runs, draws its figures and writes its table.

    python3 experiments/run.py NAME [--steps N] [--publish]

Every run is one TOML file in experiments/NAME/; what is drawn from them is in experiments/NAME/report.py. A
run that has finished is not repeated, one that was interrupted goes on. --steps cuts every run short (to try
the script out; the report says so). --publish puts the table into docs/results.md and the figures into
docs/figures/.
"""
import argparse
import importlib.util
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import support  # noqa: E402


def names():
    return sorted(p.parent.name for p in HERE.glob("*/report.py"))


def report_module(name):
    spec = importlib.util.spec_from_file_location(f"{name}_report", HERE / name / "report.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=names(), metavar="NAME", help=", ".join(names()))
    parser.add_argument("--gradus", type=pathlib.Path, default=HERE.parent / "build/release/bin/gradus",
                        help="the program (default: build/release/bin/gradus)")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "runs/experiments",
                        help="folder for runs, tables and figures (default: runs/experiments)")
    parser.add_argument("--steps", type=int, help="cut every run short after this many steps")
    parser.add_argument("--threads", type=int, default=0, help="threads of each run (default: all)")
    parser.add_argument("--publish", action="store_true", help="write to docs/results.md and docs/figures/")
    arguments = parser.parse_args()

    folder = HERE / arguments.name
    out = arguments.out / (f"{arguments.name}-{arguments.steps}" if arguments.steps else arguments.name)
    out.mkdir(parents=True, exist_ok=True)
    module = report_module(arguments.name)
    runs = [support.train(arguments.gradus, file, out / file.stem, arguments.steps, arguments.threads)
            for file in sorted(folder.glob("*.toml"), key=lambda f: module.ORDER.index(f.stem))]
    figures = []
    table = module.report(runs, support.Figures(out, figures))
    text = support.describe(arguments.name, module.__doc__, table, runs, figures, arguments.steps)
    (out / "table.md").write_text(text)
    print(text)
    print(f"figures: {', '.join(str(f) for f in figures)}", file=sys.stderr)
    if arguments.publish:
        support.publish(HERE.parent / "docs", arguments.name, text, figures)


if __name__ == "__main__":
    main()
