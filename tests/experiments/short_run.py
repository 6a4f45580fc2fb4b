"""Runs one experiment for a few steps and looks at what it wrote. Skipped (77) without matplotlib or the data."""
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NAME, STEPS, RUNS = "initialization", 4, 4


def main():
    data = pathlib.Path("/usr/share/datasets/fashion-mnist")
    if importlib.util.find_spec("matplotlib") is None or not data.exists():
        print("needs python3-matplotlib and dataset-fashion-mnist")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, ROOT / "experiments/run.py", NAME, "--gradus", sys.argv[1], "--out", folder,
                   "--steps", str(STEPS)]
        first = subprocess.run(command, check=True, capture_output=True, text=True)
        out = pathlib.Path(folder) / f"{NAME}-{STEPS}"
        xml.etree.ElementTree.parse(out / f"{NAME}.svg")
        table = (out / "table.md").read_text()
        rows = [line for line in table.splitlines() if line.startswith("| ")]
        assert len(rows) == 2 + RUNS, table
        assert f"Cut short after {STEPS} steps" in table
        assert "nan" not in table, table
        # Finished runs are kept: the second time gives the same figures and numbers.
        second = subprocess.run(command, check=True, capture_output=True, text=True)
        assert first.stdout == second.stdout
    return 0


sys.exit(main())
