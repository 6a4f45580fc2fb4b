#!/usr/bin/env python3
"""exports.py LIBGRADUS.SO INCLUDE_FOLDER: what the shared library shows is namespace gradus, as public headers have it.

Prints how many symbols there are, and each that no header names; fails if there is one, or if there are none at all.
"""
import pathlib
import re
import subprocess
import sys

MARKS = re.compile(r"^(typeinfo for|typeinfo name for|vtable for|VTT for|guard variable for) ")
WORD = re.compile(r"[A-Za-z_]\w*")
# Words of demangled names that stand in no header.
OWN = {"lambda", "cxx11", "abi", "static_initialization"}


def without_brackets(name):
    """A name without its parameters and template arguments: "gradus::Value::named"."""
    out, depth = "", 0
    name = re.sub(r"operator(\(\)|<=>|<<|>>|<=?|>=?|->)", "operator", name)
    for char in name:
        if char in "<([{":
            depth += 1
        elif char in ">)]}":
            depth -= 1
        elif depth == 0:
            out += char
    return out


def symbols(library):
    lines = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    mangled = [line.split()[-1].split("@")[0] for line in lines.splitlines()]
    text = subprocess.run(["c++filt"], input="\n".join(mangled), check=True, capture_output=True, text=True).stdout
    return list(zip(mangled, text.splitlines()))


def problem(mangled, name, words, parts):
    if not re.match(r"_Z(TI|TS|TV|TT|GV)?Z?N[KRO]*6gradus", mangled):
        return "is not in namespace gradus"
    # A return type comes first where the name is a template's.
    path = [token for token in without_brackets(MARKS.sub("", name)).split(" ") if "gradus::" in token][-1]
    path = path[path.index("gradus::"):].split("::")
    # What a header declares as a part of a class, and a source file defines, belongs to the class.
    end = next((i + 1 for i, word in enumerate(path) if word in parts), len(path))
    strange = [word for word in WORD.findall(" ".join(path[:end])) if word not in words and word not in OWN]
    return f"{', '.join(strange)}: in no public header" if strange else None


def main():
    library, folder = sys.argv[1:]
    headers = "\n".join(path.read_text(encoding="utf-8") for path in sorted(pathlib.Path(folder, "gradus").glob("*.h")))
    words = set(WORD.findall(headers))
    parts = set(re.findall(r"^  (?:struct|class) (\w+);", headers, re.MULTILINE))
    found = symbols(library)
    problems = [f"{name}: {why}" for mangled, name in found if (why := problem(mangled, name, words, parts))]
    print("\n".join(problems[:50]))
    print(f"{len(found)} symbols, {len(problems)} that should not be there.")
    return 1 if problems or len(found) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
