#!/usr/bin/env python3
"""Runs ONNX's own node tests through `gradus run`, and compares as ONNX's runner does.

    scripts/onnx_node_tests.py PROGRAM [--tests FOLDER] [--skipped LIST] [--least N] [--every N] [--only NAME]

FOLDER is Debian's libonnx-testdata by default. LIST names the tests that are skipped, one a line: NAME: REASON.
Fails if a listed test passes, another one fails, or fewer than N pass.
"""
import argparse
import concurrent.futures
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

TESTS = "/usr/lib/python3/dist-packages/onnx/backend/test/data/node"
RELATIVE, ABSOLUTE = 1e-3, 1e-7

# ONNX's element types: number -> (NumPy's code, struct's letter, field of the message).
TYPES = {1: ("<f4", "f", 4), 2: ("|u1", "B", 5), 3: ("|i1", "b", 5), 4: ("<u2", "H", 5), 5: ("<i2", "h", 5),
         6: ("<i4", "i", 5), 7: ("<i8", "q", 7), 9: ("|b1", "?", 5), 10: ("<f2", "e", 5), 11: ("<f8", "d", 10),
         12: ("<u4", "I", 11), 13: ("<u8", "Q", 11)}
LETTERS = {code[1:]: letter for code, letter, _ in TYPES.values()}


class Unsupported(Exception):
    pass


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    """The fields of a protobuf message: (number, value)."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            size = 4 if kind == 5 else 8
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def signed(value):
    return value - (1 << 64) if value >> 63 else value


def integers(value):
    """A repeated field's numbers: one, or packed ones."""
    if isinstance(value, int):
        return [signed(value)]
    numbers, at = [], 0
    while at < len(value):
        number, at = varint(value, at)
        numbers.append(signed(number))
    return numbers


class Array:
    """name, dtype (NumPy's code), shape, and the elements' bytes."""

    def __init__(self, code, shape, data, name=""):
        self.code, self.shape, self.data, self.name = code, shape, data, name

    @staticmethod
    def from_message(data):
        shape, number, raw, typed, name = [], 0, None, [], ""
        for field, value in fields(data):
            if field == 1:
                shape += integers(value)
            elif field == 2:
                number = value
            elif field == 8:
                name = value.decode()
            elif field == 9:
                raw = value
            elif field in (4, 5, 7, 10, 11):
                typed.append((field, value))
        if number not in TYPES:
            raise Unsupported(f"element type {number}")
        code, letter, _ = TYPES[number]
        if raw is None:
            raw = b""
            for field, value in typed:
                if field in (4, 10):
                    raw += value
                elif number == 10:
                    raw += b"".join(struct.pack("<H", x & 0xffff) for x in integers(value))
                else:
                    raw += b"".join(struct.pack("<" + letter, x) for x in integers(value))
        return Array(code, tuple(shape), raw, name)

    @staticmethod
    def from_npy(path):
        content = path.read_bytes()
        size = struct.unpack_from("<H", content, 8)[0]
        header = eval(content[10:10 + size].decode("latin1"), {}, {})
        return Array(header["descr"], header["shape"], content[10 + size:])

    def npy(self):
        shape = "(" + "".join(f"{n}," for n in self.shape) + ")"
        header = f"{{'descr': '{self.code}', 'fortran_order': False, 'shape': {shape}, }}"
        header += " " * (-(len(header) + 11) % 64) + "\n"
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + self.data

    def numbers(self):
        letter = LETTERS[self.code[1:]]
        return struct.unpack(f"<{len(self.data) // struct.calcsize(letter)}{letter}", self.data)


def difference(got, wanted):
    """What is wrong with an array, or None."""
    if tuple(got.shape) != tuple(wanted.shape):
        return f"shape {tuple(got.shape)}, wanted {tuple(wanted.shape)}"
    for i, (a, b) in enumerate(zip(got.numbers(), wanted.numbers())):
        equal = a == b or (math.isnan(a) and math.isnan(b)) or abs(a - b) <= ABSOLUTE + RELATIVE * abs(b)
        if not equal:
            return f"element {i} is {a}, wanted {b}"
    return None


def output_names(model):
    graph = next(value for field, value in fields(model) if field == 7)
    ports = [value for field, value in fields(graph) if field == 12]
    return ["".join(v.decode() for f, v in fields(port) if f == 1) for port in ports]


def in_order(folder, prefix):
    return sorted(folder.glob(prefix + "_*.pb"), key=lambda path: int(path.stem.rsplit("_", 1)[1]))


def run_test(program, folder):
    """What is wrong with one test, or None."""
    model = folder / "model.onnx"
    names = output_names(model.read_bytes())
    for data in sorted(folder.glob("test_data_set_*")):
        with tempfile.TemporaryDirectory() as scratch:
            scratch = pathlib.Path(scratch)
            command = [program, "run", str(model), "--output-dir", str(scratch / "out"), "--threads", "1"]
            try:
                inputs = [Array.from_message(path.read_bytes()) for path in in_order(data, "input")]
                outputs = [Array.from_message(path.read_bytes()) for path in in_order(data, "output")]
            except (Unsupported, IndexError, UnicodeDecodeError, struct.error) as problem:
                return f"the test's data is no array: {problem}"
            for i, array in enumerate(inputs):
                path = scratch / f"{i}.npy"
                path.write_bytes(array.npy())
                command += ["--input", str(path)]
            result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
            if result.returncode != 0:
                return f"exit {result.returncode}: {result.stderr.strip()}"
            for name, wanted in zip(names, outputs):
                problem = difference(Array.from_npy(scratch / "out" / (name + ".npy")), wanted)
                if problem:
                    return f"output {name}: {problem}"
    return None


def read_skipped(path):
    skipped = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, reason = line.split(": ", 1)
            skipped[name] = reason
    return skipped


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--tests", default=TESTS)
    parser.add_argument("--skipped", type=pathlib.Path)
    parser.add_argument("--least", type=int, default=0)
    parser.add_argument("--every", type=int, default=1, help="run only each N-th test")
    parser.add_argument("--only", default="")
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()

    folders = [f for f in sorted(pathlib.Path(options.tests).glob("test_*")) if options.only in f.name]
    folders = folders[::options.every]
    skipped = read_skipped(options.skipped) if options.skipped else {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = list(pool.map(lambda folder: run_test(options.program, folder), folders))

    passed, wrong = 0, []
    for folder, problem in zip(folders, problems):
        name = folder.name
        passed += problem is None
        if problem is None and name in skipped:
            wrong.append(f"{name}: passes, but is listed as skipped ({skipped[name]})")
        elif problem is not None and name not in skipped:
            wrong.append(f"{name}: {problem}")
    if not options.quiet or wrong:
        print("\n".join(wrong))
    left = sum(folder.name in skipped for folder in folders)
    print(f"{len(folders)} tests: {passed} passed, {left} listed as skipped, {len(wrong)} wrong.")
    if passed < options.least:
        print(f"at least {options.least} must pass.")
    return 1 if wrong or passed < options.least else 0


if __name__ == "__main__":
    sys.exit(main())
