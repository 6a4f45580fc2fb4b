#!/usr/bin/env python3
"""Compares the #includes under src/ and include/ with the layers of docs/design.md; looks at the length of files, and
whether public headers are exported.

Prints each breach as FILE:LINE and fails if there is one.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Each layer, and what it may use; it may also use what those may use.
MAY_USE = {
    "base": [],
    "tensor": ["base"],
    "graph": ["tensor"],
    "ops": ["graph"],
    "autodiff": ["ops"],
    "compiler": ["graph"],
    "kernels": ["ops", "compiler"],
    "runtime": ["kernels", "autodiff"],
    "nn": ["autodiff"],
    "optim": ["autodiff"],
    "data": ["tensor"],
    "io": ["tensor", "graph", "ops", "nn"],
    "train": ["runtime", "nn", "optim", "data", "io"],
    "dist": ["runtime"],
    "app": ["train", "dist"],
}

# The layer each public header belongs to.
PUBLIC = {
    "error": "base", "tensor": "tensor", "value": "graph", "op_def": "graph", "ops": "ops", "grad": "autodiff",
    "compile": "runtime", "communicator": "runtime", "check": "runtime", "profile": "runtime", "layer": "nn", "layers": "nn", "onnx_form": "nn", "nn": "nn",
    "optim": "optim", "data": "data", "io": "io", "onnx": "io", "onnx_network": "io", "metrics": "train", "control": "train",
    "train": "train", "health": "train", "search": "train", "bench": "train", "inference": "train",
}

# Libraries that stay in one place, and those no public header may show.
CONFINED = {"oneapi/": "src/kernels/onednn/", "dnnl": "src/kernels/onednn/", "onnx/": "src/io/onnx/",
            "google/protobuf/": "src/io/onnx/", "mpi.h": "src/dist/"}
NOT_PUBLIC = ("png.h", "jpeglib.h", "fmt/", "nlohmann/", "toml++/", "toml.hpp", "oneapi/", "dnnl", "hwy/", "Random123/", "CLI/", "zlib.h", "onnx/",
              "google/", "mpi.h")

LONG, TOO_LONG = 500, 800
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def reach(layer):
    """The layer itself and all it may use, directly or through others."""
    found, open_layers = set(), [layer]
    while open_layers:
        current = open_layers.pop()
        if current not in found:
            found.add(current)
            open_layers += MAY_USE[current]
    return found


def layer_of_public(header):
    return PUBLIC.get(pathlib.PurePosixPath(header).stem)


def include_problem(path, layer, allowed, target, quoted):
    """What is wrong with one include, or None. path is relative to the project."""
    for library, place in CONFINED.items():
        if target.startswith(library) and not path.startswith(place):
            return f"{target} may be included under {place} only"
    if path.startswith("include/"):
        if target.startswith(NOT_PUBLIC):
            return f"{target} must not show in a public header"
        if quoted and not target.startswith("gradus/"):
            return f"{target} is internal; public headers include public headers only"
    first = target.split("/")[0]
    if first == "gradus" and "/" in target:
        used = layer_of_public(target)
        if used is None:
            return f"{target}: this public header is not in the table of scripts/check_layers.py"
    elif first in MAY_USE and "/" in target:
        used = first
    else:
        return None
    if used not in allowed:
        return f"{layer}/ must not use {used}/ ({target})"
    return None


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".h", ".cpp", ".def", ".inc", ".py", ".sh") and path.is_file():
                yield path


def check_includes():
    problems = []
    for path in sources("src", "include"):
        name = path.relative_to(ROOT).as_posix()
        layer = layer_of_public(name) if name.startswith("include/") else name.split("/")[1]
        if layer not in MAY_USE:
            problems.append(f"{name}: belongs to no layer in the table of scripts/check_layers.py")
            continue
        allowed = reach(layer)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            problem = match and include_problem(name, layer, allowed, match[2], match[1] == '"')
            if problem:
                problems.append(f"{name}:{number}: {problem}")
    return problems


def check_exports():
    """Public headers say that the shared library exports what they declare: all of it, behind all their #includes."""
    problems = []
    for path in sorted((ROOT / "include").rglob("*.h")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(("#pragma GCC", "namespace", "}"))]
        if not (lines[0].startswith("#pragma GCC visibility push(default)") and lines[-1] == "#pragma GCC visibility pop"):
            problems.append(f"{path.relative_to(ROOT)}: its namespaces must stand between #pragma GCC visibility "
                            "push(default) and pop, or libgradus.so lacks them")
    return problems


def check_lengths():
    problems = []
    for path in sources("src", "include", "tests", "examples", "scripts"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        name = path.relative_to(ROOT).as_posix()
        if lines > TOO_LONG:
            problems.append(f"{name}: {lines} lines; at most {TOO_LONG} are allowed. Split it.")
        elif lines > LONG:
            print(f"note: {name} has {lines} lines; files should stay below {LONG}.")
    return problems


def main():
    problems = check_includes() + check_exports() + check_lengths()
    for problem in problems:
        print(problem)
    print("layers: " + (f"{len(problems)} problems." if problems else "ok."))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
