"""Plants faults, and expects scripts/onnx_node_tests.py to find them: SCRIPT PROGRAM TESTS."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

script, program, tests = sys.argv[1:]


def run(folder, skipped, *words):
    """The exit code and what it prints."""
    names = pathlib.Path(folder) / "skipped.txt"
    names.write_text(skipped, encoding="utf-8")
    command = [sys.executable, script, program, "--tests", folder, "--skipped", str(names), *words]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout


def expect(outcome, code, text):
    assert outcome[0] == code and text in outcome[1], f"wanted {code}, {text!r}; got {outcome}"


with tempfile.TemporaryDirectory() as scratch:
    shutil.copytree(pathlib.Path(tests) / "test_add", pathlib.Path(scratch) / "test_add")
    shutil.copytree(pathlib.Path(tests) / "test_strnormalizer_nostopwords_nochangecase",
                    pathlib.Path(scratch) / "test_text")
    expect(run(scratch, "# all others pass\ntest_text: strings\n", "--least", "1"), 0, "1 passed, 1 listed")
    expect(run(scratch, ""), 1, "test_text:")
    expect(run(scratch, "test_text: strings\ntest_add: a whim\n"), 1, "test_add: passes, but is listed")
    expect(run(scratch, "test_text: strings\n", "--least", "2"), 1, "at least 2 must pass")
    output = pathlib.Path(scratch) / "test_add/test_data_set_0/output_0.pb"
    content = bytearray(output.read_bytes())
    content[-1] ^= 1  # the sign or exponent of the last element
    output.write_bytes(content)
    expect(run(scratch, "test_text: strings\n"), 1, "test_add: output sum: element 59 is")
