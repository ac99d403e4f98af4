"""Just enough of C++'s lexical rules for the lints: tokens with their lines, brackets matched."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

WAIVER = re.compile(r"//\s*lint:\s*\S")

TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
    | (?P<raw>(?:u8|[uUL])?R"(?P<delimiter>[^\s()\\]{0,16})\(.*?\)(?P=delimiter)")
    | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
    | (?P<char>(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')
    | (?P<number>\.?\d(?:'?[\w.]|(?<=[eEpP])[+-])*)
    | (?P<name>[A-Za-z_]\w*)
    | (?P<symbol>->\*?|::|<=>|\+\+|--|&&|\|\||[=!<>]=|[-+*/%&|^]=|\.\.\.|.)
    """,
    re.VERBOSE | re.DOTALL,
)

OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = {close: open_ for open_, close in OPENING.items()}


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    line: int


def waived_lines(source):
    """Lines that carry a reason to be left alone: `// lint: scalar result`."""
    return {number for number, line in enumerate(source.split("\n"), 1) if WAIVER.search(line)}


def tokenise(source):
    """Tokens without comments and preprocessor lines; literals keep their place, not their text."""
    tokens = []
    position = 0
    line = 1
    line_is_empty = True
    while position < len(source):
        if line_is_empty and source[position] == "#":
            end = end_of_directive(source, position)
            line += source.count("\n", position, end)
            position = end
            continue
        match = TOKEN.match(source, position)
        kind = match.lastgroup if match.lastgroup != "delimiter" else "raw"
        text = match.group(0)
        if kind in ("raw", "string", "char"):
            tokens.append(Token("literal", '""', line))
        elif kind not in ("space", "comment"):
            tokens.append(Token(kind, text, line))
        if kind not in ("space", "comment"):
            line_is_empty = False
        if "\n" in text and kind == "space":
            line_is_empty = True
        line += text.count("\n")
        position = match.end()
    return tokens


def end_of_directive(source, position):
    while True:
        end = source.find("\n", position)
        if end < 0:
            return len(source)
        if source[end - 1] != "\\":
            return end
        position = end + 1


def match_brackets(tokens):
    """Index of each bracket's partner, both ways. Raises ValueError when they don't fit."""
    partner = {}
    open_ = []
    for index, token in enumerate(tokens):
        if token.kind != "symbol":
            continue
        if token.text in OPENING:
            open_.append(index)
        elif token.text in CLOSING:
            if not open_ or tokens[open_[-1]].text != CLOSING[token.text]:
                raise ValueError(f"line {token.line}: unmatched {token.text}")
            other = open_.pop()
            partner[other] = index
            partner[index] = other
    if open_:
        raise ValueError(f"line {tokens[open_[-1]].line}: unmatched {tokens[open_[-1]].text}")
    return partner


def sources(root, *folders):
    """The project's C++ files below these folders; what git ignores does not count."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others",
             "--exclude-standard", "--", *folders],
            check=True, capture_output=True, text=True,
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):  # a source archive, not a clone
        listed = [str(path.relative_to(root))
                  for folder in folders for path in (Path(root) / folder).rglob("*")]
    return sorted(Path(root) / name for name in set(listed)
                  if name.endswith((".cpp", ".hpp")) and (Path(root) / name).is_file())
