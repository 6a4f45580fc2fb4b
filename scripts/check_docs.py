#!/usr/bin/env python3
"""Checks the project's Markdown.

- Relative links and their anchors lead somewhere, and docs/index.md links every guide.
- A block that begins with ```cpp FILE is a part of FILE, as it stands there or set in by two blanks.
- A translation NAME.zh-CN.md has the sections of NAME.md, and in each of them the same code up to comments, the same
  formulas and the same rows of tables.

    scripts/check_docs.py [ROOT]

Prints each breach as FILE:LINE and fails if there is one.
"""
import collections
import functools
import pathlib
import re
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(([^)\s]+)\)")


def pages(root=ROOT):
    """The pages of the reference documentation: README, the guides, and their translations."""
    return sorted(root.glob("README*.md")) + sorted((root / "docs").glob("*.md"))


def without_code(path):
    """The lines of a page, code left empty. Lines set in by four blanks are code only behind a blank line."""
    fenced, set_in, before, lines = False, False, "", []
    for line in path.read_text(encoding="utf-8").splitlines():
        fence = line.lstrip().startswith("```")
        set_in = line.startswith("    ") and (set_in or not before)
        lines.append("" if fenced or fence or set_in else line)
        fenced, before = fenced != fence, line
    return lines


@functools.lru_cache(maxsize=None)
def anchors_of(path):
    """What a link can name of a page, heading by heading, as GitHub makes it of the heading's text."""
    result = []
    for line in without_code(path):
        if match := re.match(r"#+ (.*)", line):
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match[1]).strip().lower()
            anchor = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
            count = sum(1 for other in result if re.fullmatch(re.escape(anchor) + r"(-\d+)?", other))
            result.append(f"{anchor}-{count}" if anchor in result else anchor)
    return tuple(result)


def broken_links(path, root):
    for number, line in enumerate(without_code(path), start=1):
        for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            to = (path.parent / file).resolve() if file else path
            where = f"{path.relative_to(root)}:{number}"
            if not to.exists():
                yield f"{where}: there is no {file}"
            elif anchor and anchor not in anchors_of(to):
                yield f"{where}: {to.relative_to(root)} has no heading #{anchor}"


def unlisted(root):
    """The guides that docs/index.md does not link."""
    index = root / "docs/index.md"
    text = index.read_text(encoding="utf-8")
    linked = {(index.parent / target.partition("#")[0]).resolve() for target in LINK.findall(text)}
    for page in pages(root):
        if page != index and page not in linked:
            yield f"docs/index.md:1: it does not link {page.relative_to(root)}"


def quotes(path, root):
    """The quoted programs that have drifted from their file."""
    text = path.read_text(encoding="utf-8")
    for match in re.finditer(r"^```\w+ (\S+)\n(.*?)^```$", text, flags=re.M | re.S):
        file, where = root / match[1], f"{path.relative_to(root)}:{text[: match.start()].count(chr(10)) + 1}"
        if not file.exists():
            yield f"{where}: there is no {match[1]}"
        elif not any("\n" + textwrap.indent(match[2], " " * by) in "\n" + file.read_text(encoding="utf-8") for by in (0, 2)):
            yield f"{where}: {match[1]} has no such part"


def sections(path):
    """What a translation has to keep, section by section: (line, level, code, formulas, rows of tables)."""
    result = [(1, 0, [], [], 0)]
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, (line, text) in enumerate(zip(lines, without_code(path)), start=1):
        if match := re.match(r"#+ ", text):
            result.append((number, len(match[0]), [], [], 0))
        if line and not text and not line.startswith("```"):
            code = re.sub(r"\s*(//|#).*", "", line).rstrip()
            if code.strip():
                result[-1][2].append(code)
        elif text.startswith("|"):
            result[-1] = (*result[-1][:4], result[-1][4] + 1)
    text, line_of = "\n".join(re.sub(r"`[^`]*`", "", line) for line in without_code(path)), [number for number, *_ in result]
    for match in re.finditer(r"\$\$(.+?)\$\$|\$(.+?)\$", text, flags=re.S):
        line = text[: match.start()].count("\n") + 1
        section = max(i for i, first in enumerate(line_of) if first <= line)
        formula = re.sub(r"\\text\{[^\[\]{}]*\}", "", match[1] or match[2])  # words, not shapes
        result[section][3].append(re.sub(r"\s+|\.$", "", formula))
    return result


def differences(path, root):
    """Where a translation has lost something."""
    original = path.with_name(path.name.replace(".zh-CN.", "."))
    if not original.exists():
        return [f"{path.relative_to(root)}:1: there is no {original.name}"]
    ours, theirs = sections(path), sections(original)
    if [section[1] for section in ours] != [section[1] for section in theirs]:
        return [f"{path.relative_to(root)}:1: its headings are not those of {original.name}"]
    found = []
    for ours_, theirs_ in zip(ours, theirs):
        where = f"{path.relative_to(root)}:{ours_[0]}: in this section"
        if ours_[2] != theirs_[2]:
            other = next((line for line in theirs_[2] + ours_[2] if line not in ours_[2] or line not in theirs_[2]), "the order")
            found.append(f"{where} the code differs: {other.strip()}")
        missing = list((collections.Counter(theirs_[3]) - collections.Counter(ours_[3])).elements())
        extra = list((collections.Counter(ours_[3]) - collections.Counter(theirs_[3])).elements())
        if missing or extra:
            found.append(f"{where} formulas differ: {' '.join('-' + one for one in missing)} {' '.join('+' + one for one in extra)}")
        if ours_[4] != theirs_[4]:
            found.append(f"{where} the tables have {ours_[4]} rows, not {theirs_[4]}")
    return found


def markdown(root):
    """The project's Markdown files: those git knows and new ones, but nothing that a build has made."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "*.md"], capture_output=True, text=True)
    found = [root / name for name in listed.stdout.split("\n") if name]
    if listed.returncode != 0:
        found = [path for path in root.rglob("*.md") if not {"build", "node_modules"} & set(path.relative_to(root).parts)]
    return sorted(path for path in found if path.exists())


def breaches(root):
    files = markdown(root)
    found = [breach for path in files for check in (broken_links, quotes) for breach in check(path, root)]
    found += [breach for path in files if path.name.endswith(".zh-CN.md") for breach in differences(path, root)]
    return found + list(unlisted(root))


def main():
    root = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    found = breaches(root)
    print("\n".join(found) if found else f"check_docs: ok, {len(markdown(root))} pages.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
