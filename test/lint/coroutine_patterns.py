#!/usr/bin/env python3
"""Finds coroutine code that g++ 12 compiles without a word and gets wrong.

    coroutine_patterns.py ROOT          looks through the project
    coroutine_patterns.py --self-test   checks this program on coroutine_patterns.cases

What it looks for is any of these in one full expression with `co_await`:

    condition   the condition of if, while, do, for or switch (the branch may be dropped);
                `if (auto x = co_await f(); x)` and `while (auto x = co_await f())` are right
    braces      something initialised with braces (an aggregate's members are destroyed twice);
                also as the operand of co_yield
    lambda      a lambda written inline that captures by value (so are the captures)
    ternary     ?: (so is its result)
    throw       a throw-expression (so is the exception)
    assertion   EXPECT_ or ASSERT_ (they expand to some of the above, and to `return`)

and, wherever it stands:

    coroutine_lambda   a lambda with captures that is itself a coroutine: the captures end with the
                       lambda, not with the coroutine

A construct that is known to be right is left alone when its line says why: `// lint: both are int`.
"""

import re
import sys
from pathlib import Path

from cpp_tokens import OPENING, CLOSING, match_brackets, sources, tokenise, waived_lines

COROUTINE_WORDS = {"co_await", "co_return", "co_yield"}
TYPE_WORDS = {"class", "struct", "union", "enum", "namespace", "extern"}
BLOCK_AFTER = {")", "{", "}", ";", ":", "else", "do", "try", "mutable", "noexcept", "const",
               "override", "final", "requires", "constexpr", "consteval"}
ASSERTION = re.compile(r"(EXPECT|ASSERT)_[A-Z_]+")

REASONS = {
    "condition": "co_await in a condition: name its result first",
    "braces": "braces in an expression with co_await or co_yield: name the object first",
    "lambda": "a lambda with captured values in an expression with co_await: name it first",
    "ternary": "?: in an expression with co_await: use if, or name the operands first",
    "throw": "throw in an expression with co_await: name the result first",
    "assertion": "co_await in an assertion: name the result first",
    "coroutine_lambda": "a lambda with captures is a coroutine: make it a function with arguments",
}


class Code:
    """One file's tokens, and what its brackets are."""

    def __init__(self, source):
        self.tokens = tokenise(source)
        self.partner = match_brackets(self.tokens)
        self.lambdas = {}  # index of the body's brace -> index of the introducer's bracket
        self.find_lambdas()

    def text(self, index):
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def is_open(self, index):
        return self.tokens[index].kind == "symbol" and self.text(index) in OPENING

    def is_close(self, index):
        return self.tokens[index].kind == "symbol" and self.text(index) in CLOSING

    def find_lambdas(self):
        for index, token in enumerate(self.tokens):
            if token.text == "[" and token.kind == "symbol" and self.introduces_lambda(index):
                body = self.lambda_body(index)
                if body is not None:
                    self.lambdas[body] = index

    def introduces_lambda(self, index):
        before = self.tokens[index - 1] if index else None
        if self.text(index + 1) == "[" or (before and before.text == "["
                                           and self.partner[index] + 1 == self.partner[index - 1]):
            return False  # an attribute
        if before is None:
            return True
        if before.kind == "name":
            return before.text in COROUTINE_WORDS | {"return", "else", "do", "case"}
        return before.kind == "symbol" and before.text not in (")", "]", ">", "&", "&&") or (
            before.text in ("&", "&&", ">") and not self.is_structured_binding(index))

    def is_structured_binding(self, index):
        before = index - 1
        while self.text(before) in ("&", "&&", "const"):
            before -= 1
        return self.text(before) == "auto"

    def lambda_body(self, introducer):
        """The brace that opens the body: after parameters, specifiers and a return type."""
        index = self.partner[introducer] + 1
        while index < len(self.tokens):
            text = self.text(index)
            if text == "{":
                return index
            if text in ("(", "["):
                index = self.partner[index]
            elif text in (";", ",", "=") or self.is_close(index):
                return None
            index += 1
        return None

    def is_block(self, brace):
        """True for the braces of statements and definitions, false for those of values."""
        if brace in self.lambdas:
            return True
        before = self.text(brace - 1)
        if brace == 0 or before in BLOCK_AFTER:
            return True
        if before == "]" and self.text(brace - 2) == "]":
            return True  # after an attribute
        if before in ("=", ",", "(", "return", "co_return", "co_yield", "co_await"):
            return False
        head = self.statement_head(brace)
        if any(word in TYPE_WORDS for word in head):
            return True
        return "->" in head and ")" in head and "=" not in head  # a function's return type

    def statement_head(self, index):
        """The words before a brace, back to where its statement begins."""
        words = []
        index -= 1
        while index >= 0 and self.text(index) not in (";", "{", "}"):
            if self.is_close(index):
                words.append(self.text(index))
                index = self.partner[index]
            elif self.is_open(index):
                break
            else:
                words.append(self.text(index))
            index -= 1
        return words

    def controlled_by(self, parenthesis):
        """if, while, switch or for, if these parentheses are its."""
        before = self.text(parenthesis - 1)
        if before == "constexpr":
            before = self.text(parenthesis - 2)
        return before if before in ("if", "while", "switch", "for") else None

    def full_expression(self, index):
        """First and last token of the full expression around a token, and its control word."""
        first = index
        while first > 0:
            before = first - 1
            if self.is_close(before):
                if self.text(before) == "}" and self.is_block(self.partner[before]) \
                        and self.partner[before] not in self.lambdas:
                    break
                first = self.partner[before]
                continue
            if self.text(before) == ";":
                break
            if self.is_open(before):
                if self.text(before) == "{" and self.is_block(before):
                    break
                if self.text(before) == "(" and self.controlled_by(before):
                    last = self.end_of_expression(index)
                    return first, last, self.controlled_by(before)
            first = before
        last = self.end_of_expression(index)
        control = None
        if self.text(first - 1) == ";":  # the second or third part of if (...; ...)
            around = first - 1
            while around >= 0 and not (self.is_open(around)):
                around = self.partner[around] - 1 if self.is_close(around) else around - 1
            if around >= 0 and self.text(around) == "(":
                control = self.controlled_by(around)
        return first, last, control

    def end_of_expression(self, index):
        last = index
        while last + 1 < len(self.tokens):
            after = last + 1
            if self.text(after) == ";":
                break
            if self.is_open(after):
                if self.text(after) == "{" and self.is_block(after) and after not in self.lambdas:
                    break
                last = self.partner[after]
                continue
            if self.is_close(after):
                opening = self.partner[after]
                if self.text(after) == ")" and self.controlled_by(opening):
                    break
                if self.text(after) == "}" and self.is_block(opening):
                    break
            last = after
        return last

    def own_tokens(self, first, last):
        """Tokens of a range without the bodies of the lambdas in it."""
        index = first
        while index <= last:
            yield index
            if index in self.lambdas:
                index = self.partner[index]
            index += 1

    def captures(self, introducer):
        """Each capture as a list of words."""
        captures = [[]]
        for index in range(introducer + 1, self.partner[introducer]):
            if self.text(index) == ",":
                captures.append([])
            else:
                captures[-1].append(self.text(index))
        return [capture for capture in captures if capture]

    def captures_values(self, introducer):
        return any(capture[0] != "&" and capture != ["this"]
                   for capture in self.captures(introducer))


def is_safe_condition(code, first, last, control):
    """A declaration initialised by a co_await, or what stands before or between semicolons."""
    ends_with_semicolon = code.text(last + 1) == ";"
    if control == "for":
        return not ends_with_semicolon or code.text(first - 1) == "("  # not the condition
    if control == "if" and ends_with_semicolon:
        return True  # the initialisation of if (...; condition)
    words = [code.text(index) for index in code.own_tokens(first, last)]
    if control == "switch" or "=" not in words or words[0] not in ("auto", "const"):
        return False
    return words[words.index("=") + 1] == "co_await"


def check(source):
    """(line, rule) of everything that is wrong, in order."""
    code = Code(source)
    found = set()

    for body, introducer in code.lambdas.items():
        if code.captures(introducer) and any(
                code.text(index) in COROUTINE_WORDS
                for index in code.own_tokens(body + 1, code.partner[body] - 1)):
            found.add((code.tokens[introducer].line, "coroutine_lambda"))

    for index, token in enumerate(code.tokens):
        if token.kind != "name" or token.text not in ("co_await", "co_yield"):
            continue
        first, last, control = code.full_expression(index)
        own = list(code.own_tokens(first, last))
        for other in own:
            text, line = code.text(other), code.tokens[other].line
            if text == "{" and not code.is_block(other):
                found.add((line, "braces"))
            if token.text == "co_yield":
                continue
            if other in code.lambdas and code.captures_values(code.lambdas[other]):
                found.add((code.tokens[code.lambdas[other]].line, "lambda"))
            if text == "?":
                found.add((line, "ternary"))
            if text == "throw":
                found.add((line, "throw"))
            if ASSERTION.fullmatch(text) and code.text(other + 1) == "(" \
                    and other < index < code.partner[other + 1]:
                found.add((token.line, "assertion"))
        if token.text == "co_await" and control \
                and not is_safe_condition(code, first, last, control):
            found.add((token.line, "condition"))

    waived = waived_lines(source)
    return sorted(item for item in found if item[0] not in waived)


def check_project(root):
    count = 0
    for path in sources(root, "include", "lib", "test", "samples", "bench"):
        try:
            problems = check(path.read_text())
        except ValueError as error:
            print(f"{path.relative_to(root)}: {error}")
            count += 1
            continue
        for line, rule in problems:
            print(f"{path.relative_to(root)}:{line}: {rule}: {REASONS[rule]}")
            count += 1
    return count


def self_test():
    """Each line of the cases that says `// bad: RULE` must be found, and no other line."""
    source = (Path(__file__).parent / "coroutine_patterns.cases").read_text()
    expected = sorted((number, rule)
                      for number, line in enumerate(source.split("\n"), 1)
                      for rule in re.findall(r"// bad: (.*)", line)
                      for rule in rule.split())
    found = check(source)
    for line, rule in sorted(set(expected) - set(found)):
        print(f"coroutine_patterns.cases:{line}: {rule} was not found")
    for line, rule in sorted(set(found) - set(expected)):
        print(f"coroutine_patterns.cases:{line}: {rule} was found where nothing is wrong")
    untested = set(REASONS) - {rule for _, rule in expected}
    if untested:
        print("no case for", *sorted(untested))
    return len(set(expected) ^ set(found)) + len(untested)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(min(1, self_test() if sys.argv[1] == "--self-test" else check_project(sys.argv[1])))
