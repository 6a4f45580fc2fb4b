#!/usr/bin/env python3
"""Doxygen's input filter for the guides: Markdown as it is read on a forge becomes Markdown as Doxygen reads it.

Headings get names, so that links between pages and to sections arrive; formulas between dollars become Doxygen's;
links that leave the guides become plain text.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
from check_docs import anchors_of, pages, without_code  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]


def name_of(page, number=0):
    """The name of a page or of its heading of that number."""
    stem = re.sub(r"\W", "_", str(page.relative_to(ROOT).with_suffix("")))
    return f"page_{stem}" + (f"_{number}" if number else "")


def link(match, page):
    text, target = match[1], match[2]
    if re.match(r"https?:", target):
        return match[0]
    file, _, anchor = target.partition("#")
    to = (page.parent / file).resolve() if file else page
    if to not in pages():
        return text
    number = anchors_of(to).index(anchor) if anchor else 0
    return f"[{text}](@ref {name_of(to, number)})"


def outside_code(text, page):
    """The text of some paragraphs; spans of code are set aside, since links may hold them."""
    codes = []

    def set_aside(match):
        code = match[1]
        if "\\" in code:
            code = "<code>" + re.sub(r"([\\@&<>#%])", r"\\\1", code) + "</code>"
        else:
            code = f"`{code}`"
        codes.append(code)
        return f"\x01{len(codes) - 1}\x02"

    text = re.sub(r"`([^`\n]+)`", set_aside, text)
    text = re.sub(r"\$\$(.+?)\$\$", lambda m: rf"\f[{m[1]}\f]", text, flags=re.S)
    text = re.sub(r"(?<![\\$f])\$(?!\$)(.+?)\$", lambda m: rf"\f${m[1]}\f$", text, flags=re.S)
    text = re.sub(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)", lambda m: link(m, page), text)
    text = re.sub(r"(^|\s)#(?=\w)", r"\1\\#", text)
    return re.sub("\x01(\\d+)\x02", lambda m: codes[int(m[1])], text)


def filtered(page):
    out, held, number = [], [], 0

    def flush():
        if held:
            out.append(outside_code("\n".join(held), page))
            held.clear()

    for line, text in zip(page.read_text(encoding="utf-8").splitlines(), without_code(page)):
        if line and not text:
            flush()
            out.append(re.sub(r"^```(\w*).*", lambda m: "```" + (m[1] if m[1] in ("cpp", "python") else ""), line))
        elif match := re.match(r"(#+) (.*)", text):
            flush()
            out.append(f"{match[1]} {outside_code(match[2], page)} {{#{name_of(page, number)}}}")
            number += 1
        else:
            held.append(line)
    flush()
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    sys.stdout.write(filtered(pathlib.Path(sys.argv[1]).resolve()))
