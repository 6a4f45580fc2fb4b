#!/usr/bin/env python3
"""Faults planted in a small project: scripts/check_docs.py must find each. And what headers.py makes of comments."""
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "docs/doxygen")]
import check_docs  # noqa: E402
import headers  # noqa: E402

PAGES = {
    "README.md": "# Name\n\nSee [the guide](docs/guide.md#second-part-1) and [all](docs/index.md).\n",
    "docs/index.md": "# All\n\n[one](guide.md), [zwei](guide.zh-CN.md), [it](../README.md)\n",
    "docs/guide.md": "# Guide\n\n## Second part\n\n## Second part\n\nWhere $a = 1$ `[N]`:\n\n"
                     "```cpp examples/x.h\nint f();\nint g();\n```\n\n| a | b |\n| --- | --- |\n| $x$ | 2 |\n\n"
                     "    run it   # now\n\n$$y = x \\text{ [N]} \\text{ of it}.$$\n",
    "docs/guide.zh-CN.md": "# Weg\n\n## Zwei\n\n## Zwei\n\nWo `[N]`, $a = 1$:\n\n"
                           "```cpp examples/x.h\nint f();\nint g();\n```\n\n| a | b |\n| --- | --- |\n| $x$ | 2 |\n\n"
                           "    run it   # jetzt\n\n$$y = x \\text{ [N]} \\text{ davon}$$\n",
    "examples/x.h": "#pragma once\nint f();\nint g();\n",
}


def breaches(changes=(), extra=()):
    """What is found once `changes`, (file, text, other text), were made."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        pages = dict(PAGES)
        pages.update(extra)
        for file, text, other in changes:
            assert text in pages[file], text
            pages[file] = pages[file].replace(text, other, 1)
        for file, text in pages.items():
            (root / file).parent.mkdir(exist_ok=True)
            (root / file).write_text(text, encoding="utf-8")
        check_docs.anchors_of.cache_clear()
        return check_docs.breaches(root)


class CheckDocs(unittest.TestCase):
    def test_takes_what_is_right(self):
        self.assertEqual(breaches(), [])

    def test_finds_each_fault(self):
        for fault, found in [
            (("README.md", "guide.md#", "gide.md#"), "there is no docs/gide.md"),
            (("README.md", "second-part-1", "second-part-2"), "has no heading #second-part-2"),
            (("docs/index.md", "[one](guide.md), ", ""), "does not link docs/guide.md"),
            (("examples/x.h", "int g();", "int g(int);"), "examples/x.h has no such part"),
            (("docs/guide.md", "examples/x.h", "examples/y.h"), "there is no examples/y.h"),
            (("docs/guide.zh-CN.md", "run it", "run"), "the code differs: run it"),
            (("docs/guide.zh-CN.md", "$a = 1$", "$a = 2$"), "formulas differ: -a=1 +a=2"),
            (("docs/guide.zh-CN.md", "[N]} \\text{ d", "[K]} \\text{ d"), "formulas differ"),
            (("docs/guide.zh-CN.md", "| $x$ | 2 |\n", "| $x$ | 2 |\n| 1 | 2 |\n"), "have 4 rows, not 3"),
            (("docs/guide.zh-CN.md", "## Zwei\n\n", ""), "headings are not those of guide.md"),
        ]:
            with self.subTest(found):
                self.assertIn(found, "\n".join(breaches([fault])))


class Headers(unittest.TestCase):
    def check(self, text, expected):
        """`text` and `expected` without the line that opens a header."""
        once = "#pragma once\n"
        self.assertEqual(headers.Filter("x.h", once + text, {"exp": "The op exp."}).run(), once + expected)

    def test_gives_comments_to_declarations(self):
        self.check("// Of f and g.\nint f();\nint g();\n\nint h();\nint i();  // of i,\n          // too\nint j();\n",
                   "/// Of f and g.\nint f();\n/** Of f and g. */ int g();\n\n"
                   "int h();\n/** of i, too */ int i();\n\nint j();\n")

    def test_gives_the_opening_comment_to_the_file(self):
        self.assertEqual(headers.Filter("x.h", "// All\n// of it.\n#pragma once\n", {}).run(),
                         "/** @file x.h All\nof it. */\n#pragma once\n")

    def test_leaves_types_without_a_comment_undocumented(self):
        self.check("struct A {\n  int x, y;\n};\n", "struct A {\n  /** See A. */ int x; /** See A. */ int y;\n};\n")

    def test_takes_no_markup_from_comments(self):
        self.check("// a < b, x \\ y @z, <w>\nint f();\n", "/// a \\< b, x \\\\ y \\@z, \\<w\\>\nint f();\n")

    def test_leaves_bodies_alone(self):
        self.check("// F.\nint f() {\n  // why\n  return 1;  // one\n}\n", "/// F.\nint f() {\n  // why\n  return 1;  // one\n}\n")

    def test_leaves_ends_and_promises_alone(self):
        text = "struct A;  // later\n// B.\nnamespace n {\n\n}  // namespace n\n"
        self.check(text, text.replace("// B", "/// B"))

    def test_knows_ops(self):
        self.check("Value exp(const Value& x);\n", "/** The op exp. */ Value exp(const Value& x);\n")


if __name__ == "__main__":
    unittest.main()
