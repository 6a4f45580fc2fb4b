#!/usr/bin/env python3
"""Runs the gradus commands of README.md in their order, shortened, in a folder of its own; each must succeed.

    readme_commands_test.py PROGRAM README
"""
import pathlib
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import zlib

# What makes a command short; every command but those of data that are not there is run.
SHORTER = [
    ("--epochs 5", "--steps 20"),
    ("--epochs 15", "--dry-run"),
    ("--val-split 0.2 --out runs/moons", "--val-split 0.2 --epochs 2 --out runs/moons"),
    ("--val-split 0.1 --out runs/photos", "--val-split 0.5 --epochs 1 --out runs/photos"),
    ("--trials 20 --folds 5", "--trials 2 --folds 2 --epochs 1"),
    ("bench resnet20 --profile", "bench seed --profile --seconds 0.1"),
]


def commands(page):
    """The lines that begin with `gradus`, without comments, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", page.read_text(encoding="utf-8"))
    lines = [line.strip() for line in text.splitlines() if line.startswith("    gradus ")]
    return [re.sub(r"\s+#.*", "", line) for line in lines]


def png(shade):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes([shade] * 16) for _ in range(16))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def lay_out(folder):
    """The files that the commands read."""
    rooms = [f"{40 + 3 * i % 70},{1 + i % 5},{90 + 7 * i % 200}" for i in range(40)]
    (folder / "house.csv").write_text("\n".join(["area,rooms,price", *rooms]) + "\n")
    (folder / "points.csv").write_text("0.5,0.2\n-0.1,0.9\n")
    for name, start in (("cat", 10), ("dog", 150)):
        (folder / "photos" / name).mkdir(parents=True)
        for i in range(6):
            (folder / "photos" / name / f"{i}.png").write_bytes(png(start + 10 * i))


def main():
    program, page = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    found = commands(page)
    if not found:
        print(f"{page}: no commands")
        return 1
    if not pathlib.Path("/usr/share/datasets/fashion-mnist").is_dir():
        found = [line for line in found if "fashion-mnist" not in line and "runs/first" not in line]
    with tempfile.TemporaryDirectory() as name:
        lay_out(pathlib.Path(name))
        for line in found:
            short = line
            for old, new in SHORTER:
                short = short.replace(old, new)
            words = [program, *shlex.split(short)[1:]]
            done = subprocess.run(words, cwd=name, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if done.returncode != 0:
                print(f"{page}: `{line}`, run as `{short}`, ended with {done.returncode}:\n{done.stderr}")
                return 1
    print(f"{len(found)} commands ran.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
