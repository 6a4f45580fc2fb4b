#!/usr/bin/env python3
"""Doxygen's input filter for the public headers: plain comments become documentation.

The headers are written to be read as they are, with plain comments. What a comment speaks of follows from where it
stands, and this tells Doxygen:

- The comment that opens a file is the file's.
- A comment right above a declaration is its own. At namespace scope it also speaks for those that follow without a
  blank line between, and so does `// ---- title` if a declaration follows at once.
- A comment behind a declaration is its own, with the lines below that begin in the same column.
- A member without a comment is explained by that of its type.
- Options without a comment are those of the first function or constructor that takes them.
- A function of ops.h has the formula, shapes, gradient and source of its section in docs/ops.md.

So Doxygen still warns of types and free functions that nothing speaks of. Line numbers stay as they are.
"""
import pathlib
import re
import sys

PAGE_OF_OPS = pathlib.Path(__file__).resolve().parents[1] / "ops.md"
COMMENT = re.compile(r"^( *)//(?: (.*))?$")
TYPE = re.compile(r"^(?:template ?<.*?> *)?(?:class|struct)\s+(\w+)[^(=]*$", re.S)
FIELDS = "Shows each option to `visit`: equality, hashing, printing and files follow from it."


def escaped(text):
    """The text without markup: Doxygen and Markdown take every character as it is."""
    text = re.sub(r"([\\@&<>#%|$])", r"\\\1", text)
    return re.sub(r"--+|::", lambda m: "\\" + m[0], text).replace("](", "] (").replace("*", "&lowast;")


def marked_up(lines):
    """A comment's lines; what is set off by two blanks or more (formulas, tables) keeps its form."""
    result, inside = [], False
    for line in lines:
        verbatim = line.startswith("  ")
        if inside and not verbatim and line:
            result[-1] += "</pre>"
        opens = verbatim and not inside
        inside = verbatim or (inside and not line)
        result.append(("<pre>" if opens else "") + escaped(line))
    if inside:
        result[-1] += "</pre>"
    return result


def op_sections():
    """What docs/ops.md says of each op, as one line of Doxygen's."""
    result, name = {}, None
    for line in PAGE_OF_OPS.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"## (\w+)\(", line):
            name = match[1]
            result[name] = f"The op {name}."
        elif name and (match := re.match(r"- (formula|shapes|gradient|source): (.*)", line)):
            result[name] += f" <br><b>{match[1].capitalize()}:</b> {escaped(match[2])}"
    return result


def trailing(line):
    """Code and comment of a line, or the line and None."""
    at = line.find("//")
    while at >= 0 and line[:at].count('"') % 2 == 1:
        at = line.find("//", at + 2)
    return (line[:at].rstrip(), line[at + 2 :].strip()) if at > 0 and line[:at].strip() else (line, None)


def each_by_itself(line):
    """`double a = 1, b = 2;` as the declarations it stands for."""
    if match := re.match(r"(enum (\w+) {.*}) (\w+ = \w+;)$", line):
        return [match[1] + ";", match[2] + " " + match[3]]
    parts, depth = [""], 0
    for c in line[:-1]:
        depth += (c in "<({[") - (c in ">)}]")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    match = re.match(r"(.*?[\w>]) (\w+(?: =.*|\{.*)?)$", parts[0].strip())
    if len(parts) == 1 or "(" in line.split("=")[0] or not match or match[1] == "using":
        return [line]
    return [f"{match[1]} {name.strip()};" for name in [match[2]] + parts[1:]]


def comment_of(line):
    """The comment behind a line's code, as it stands there."""
    return line[len(trailing(line)[0]) :].lstrip()[2:]


class Scope:
    def __init__(self, kind, name=""):
        self.kind, self.name = kind, name  # namespace, type, enum, body
        self.spoken_of = None  # the comment that speaks for the declarations from here on
        self.calls = False  # a body that ends its declaration


class Filter:
    def __init__(self, name, text, ops):
        self.name, self.text = name, text
        self.lines, self.out, self.ops = text.split("\n"), [], ops
        self.scopes, self.statement, self.parens = [Scope("namespace")], "", 0
        self.own = False  # the next declaration has a comment above it

    def run(self):
        i = self.opening()
        while i < len(self.lines):
            match = COMMENT.match(self.lines[i])
            i = self.comment(i) if match and not self.parens else self.code(i)
        return "\n".join(self.out)

    def block(self, i, column=None):
        """The texts of the comment lines from i on, all in one column."""
        texts = []
        while i + len(texts) < len(self.lines):
            match = COMMENT.match(self.lines[i + len(texts)])
            if not match or (column is not None and len(match[1]) != column):
                break
            texts.append(match[2] or "")
        return texts

    def opening(self):
        texts = marked_up(self.block(0))
        self.out += [(f"/** @file {self.name} " if k == 0 else "") + text for k, text in enumerate(texts)]
        if texts:
            self.out[-1] += " */"
        return len(texts)

    def comment(self, i):
        texts = self.block(i)
        after = self.lines[i + len(texts)].strip() if i + len(texts) < len(self.lines) else ""
        scope = self.scopes[-1]
        scope.spoken_of = None
        if scope.kind == "body" or self.statement or after in ("", "}", "};"):
            self.out += self.lines[i : i + len(texts)]
        elif texts[0].startswith("---"):
            scope.spoken_of = [texts[0].strip("- ")] + texts[1:]
            self.out += self.lines[i : i + len(texts)]
        else:
            self.own, scope.spoken_of = True, texts
            indent = " " * self.lines[i].index("//")
            self.out += [f"{indent}/// {text}" for text in marked_up(texts)]
        return i + len(texts)

    def code(self, i):
        code, comment = trailing(self.lines[i])
        stripped = code.strip()
        scope, before = self.scopes[-1], self.statement or self.parens
        if not stripped and scope.kind != "body" and not self.parens:
            scope.spoken_of, self.own = None, False
        starts = not before and self.declares(stripped)
        own, self.own = self.own, self.own and not starts
        self.scan(stripped)
        ends = not self.parens and not self.statement
        if scope.kind == "body" or not (starts or before and ends):
            self.out.append(self.lines[i])
            return i + 1
        more = [] if comment is None else self.block(i + 1, column=self.lines[i].rindex("//" + comment_of(self.lines[i])))
        said = "" if comment is None else escaped(" ".join([comment] + more))
        prefix = behind = ""
        if said and (not starts or scope.kind == "enum" or not (ends or self.scopes[-1] is not scope)):
            behind = f"  ///< {said}"
        elif said:
            prefix = f"/** {said} */ "
        elif starts and not own:
            prefix = self.inherited(scope, stripped)
        if starts and scope.kind == "namespace" and (match := re.match(r"Value (\w+)\(", stripped)) and match[1] in self.ops:
            prefix = f"/** {self.ops[match[1]]} */ {prefix}"
        several = each_by_itself(stripped) if starts and ends and scope.kind == "type" else [stripped]
        if own and len(several) > 1:
            prefix += "/** " + " ".join(marked_up(scope.spoken_of)) + " */ "
        indent = code[: len(code) - len(code.lstrip())]
        self.out.append(indent + " ".join(prefix + one for one in several) + behind)
        self.out += [""] * len(more)
        return i + 1 + len(more)

    def declares(self, line):
        return self.scopes[-1].kind != "body" and bool(line) and not re.match(
            r"#|}|{|namespace\b|friend\b|(public|protected|private):|(class|struct) \w+;", line)

    def inherited(self, scope, line):
        """The documentation of a declaration that has no comment of its own."""
        if line.startswith("static void fields("):
            return f"/** {FIELDS} */ "
        if scope.kind in ("type", "enum"):
            return f"/** See {scope.name}. */ " if scope.name else ""
        if scope.spoken_of:
            return "/** " + " ".join(marked_up(scope.spoken_of)) + " */ "
        if match := re.match(r"struct (\w+Options) {", line):
            taker = re.search(r"\b(\w+)\([^;{]*?\b" + match[1] + "&", self.text)
            return f"/** Options of {taker[1]}. */ " if taker else ""
        return ""

    def scan(self, line):
        """Follows parentheses, braces and the ends of declarations."""
        if line.startswith("#"):
            return
        if re.match(r"(public|protected|private):$", line):
            return
        line = re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])\'', '""', line)
        for c in line:
            if c in "()":
                self.parens += 1 if c == "(" else -1
            if c == "{" and not self.parens:
                self.open()
            elif c == "}" and not self.parens:
                scope = self.scopes.pop()
                self.statement = "" if scope.kind == "namespace" or scope.calls else "}"
            elif c == ";" and not self.parens:
                self.statement = ""
            elif c == "," and self.scopes[-1].kind == "enum":
                self.statement = ""
            elif not (c.isspace() and not self.statement):
                self.statement += c
        if self.statement:
            self.statement += " "

    def open(self):
        said = self.statement.strip()
        if said.startswith("namespace"):
            scope = Scope("namespace")
        elif match := re.match(r"enum(?: class)?\s*(\w*)", said):
            scope = Scope("enum", match[1])
        elif match := TYPE.match(said):
            scope = Scope("type", match[1])
        else:
            scope = Scope("body")
            scope.calls = "(" in said.split("=")[0] or said.startswith("operator") or " operator" in said or not said
        self.scopes.append(scope)
        self.statement = ""


if __name__ == "__main__":
    path = pathlib.Path(sys.argv[1])
    sections = op_sections() if path.name == "ops.h" else {}
    sys.stdout.write(Filter(path.name, path.read_text(encoding="utf-8"), sections).run())
