#!/usr/bin/env python3
"""Finds classes of the library with more data members or functions than one can keep in mind.

    class_sizes.py ROOT          looks through include/ and lib/
    class_sizes.py --list ROOT   names the largest
    class_sizes.py --self-test   checks this program on made-up classes

A class of more than 20 data members, or 40 functions, is in one of the lists below, with how many it
may have and the reason.
"""

import sys
from pathlib import Path

from cpp_tokens import match_brackets, sources, tokenise

MOST_MEMBERS = 20
MOST_FUNCTIONS = 40

# What may have more, how many, and why.
MANY_MEMBERS = {
    "options": (80, "one member for each setting of the public contract"),
    "xml_reader": (28, "one automaton: expat's state, the limits and what was counted for them"),
    "broker_core": (25, "programs, their session and what waits for either share each of them"),
    "bosh_window": (24, "one automaton without I/O: every request and answer changes most of it"),
    "bosh_server_session": (22, "the same for the server of tests"),
    "outbox": (21, "two batches, and the counts by which callers wait for their parts"),
}
MANY_FUNCTIONS = {
    "options": (150, "a setter and a getter for each setting"),
    "builder": (60, "the vocabulary of markup, and that of stanzas over it"),
    "connection": (70, "the facade: what a program asks of a session"),
    "scripted_peer": (45, "one function for each step that a peer can take"),
    "run": (110, "the steps of one session, in six files by subject"),
    "delivery": (65, "the steps of a stanza on its way out, in four files by subject"),
    "broker_core": (60, "the steps of a shared session, in four files by subject"),
    "xml_reader": (60, "a function for each of expat's callbacks"),
}

ACCESS = {"public", "private", "protected"}
NOT_MEMBERS = {"using", "typedef", "friend", "static_assert", "template", "enum", "static"}


def class_bodies(tokens, partner):
    """(name, index of `{`, index of `}`) of each class and struct that is defined."""
    for index, token in enumerate(tokens):
        if token.text not in ("class", "struct") or token.kind != "name":
            continue
        if index and tokens[index - 1].text in ("enum", "<", ",", "friend"):
            continue
        at = index + 1
        name = None
        while at < len(tokens) and tokens[at].text not in ("{", ";", ")", "("):
            if name is None and tokens[at].kind == "name":
                name = tokens[at].text
            elif tokens[at].text == "::" and tokens[at - 1].text == name:
                name = tokens[at + 1].text
            at += 1
        if name and at < len(tokens) and tokens[at].text == "{":
            yield name, at, partner[at]


def statements(tokens, partner, begin, end):
    """The declarations right inside a class, each as its tokens; bodies and initialisers count as
    one `{}`."""
    current = []
    at = begin + 1
    while at < end:
        token = tokens[at]
        if token.text in ACCESS and tokens[at + 1].text == ":":
            at += 2
            continue
        if token.text in ("{", "(", "["):
            current.append((token, tokens[partner[at]]))
            at = partner[at] + 1
            # A body ends a function; what is behind that of a class may be a member's name.
            words = [each.text for each in current if not isinstance(each, tuple)]
            is_type = words[:1] in (["class"], ["struct"], ["enum"], ["union"])
            has_list = any(isinstance(each, tuple) and each[0].text == "(" for each in current)
            follows = tokens[at].text if at < end else ";"
            if token.text == "{" and has_list and not is_type and follows not in (",", "{", ";"):
                yield current
                current = []
            continue
        if token.text == ";":
            if current:
                yield current
            current = []
        else:
            current.append(token)
        at += 1


def kind_of(statement):
    """"member", "function" or None."""
    words = [each.text if not isinstance(each, tuple) else each[0].text for each in statement]
    if words[0] in ("class", "struct", "union", "enum"):
        return None
    if "operator" in words:
        return "function"
    if words[0] in NOT_MEMBERS and words[0] not in ("template", "static"):
        return None
    stop = words.index("=") if "=" in words else len(words)
    call = words.index("(") if "(" in words else len(words)
    if call < stop or (call < len(words) and words[call + 1:stop + 1] == ["="]):
        # `std::function<void(int)> f;` has its list inside angle brackets.
        depth = 0
        for word in words[:call]:
            depth += word == "<"
            depth -= word == ">"
        return "function" if depth <= 0 else "member"
    return None if words[0] in NOT_MEMBERS else "member"


def measure(text):
    tokens = tokenise(text)
    partner = match_brackets(tokens)
    for name, begin, end in class_bodies(tokens, partner):
        kinds = [kind_of(each) for each in statements(tokens, partner, begin, end)]
        yield name, kinds.count("member"), kinds.count("function")


def check_text(name, text):
    for klass, members, functions in measure(text):
        if members > MANY_MEMBERS.get(klass, (MOST_MEMBERS,))[0]:
            yield f"{name}: {klass} has {members} data members"
        if functions > MANY_FUNCTIONS.get(klass, (MOST_FUNCTIONS,))[0]:
            yield f"{name}: {klass} has {functions} functions"


def read(root):
    root = Path(root).resolve()
    for path in sources(root, "include", "lib"):
        yield str(path.relative_to(root)), path.read_text()


def check_project(root):
    problems = [problem for name, text in read(root) for problem in check_text(name, text)]
    print("".join(problem + "\n" for problem in problems), end="")
    return len(problems)


def list_largest(root):
    rows = [(members, functions, klass, name) for name, text in read(root)
            for klass, members, functions in measure(text)]
    for members, functions, klass, name in sorted(rows, reverse=True)[:25]:
        print(f"{members:4} members {functions:4} functions  {klass}  {name}")
    return 0


SAMPLE = """
namespace n {
class forward;
enum class kind { a, b };
struct plain { int a = 0; std::vector<int> b{1, 2}; };
class large final : public base<int> {
 public:
    large() : a_(1) {}
    large(const large&) = delete;
    ~large();
    bool operator==(const large&) const = default;
    template <class T> void take(T value) { value(); }
    static task<> run(int a);
    int a() const { return a_; }
    using function = std::function<void(int)>;
    friend class other;
    enum class inner { x, y };
    struct nested { int one; };
 private:
    std::function<void(int)> first_;
    int a_ = f(2);
    static constexpr int limit = 3;
    std::map<int, std::pair<int, int>> map_;
};
}
"""


def self_test():
    found = {name: (members, functions) for name, members, functions in measure(SAMPLE)}
    wanted = {"plain": (2, 0), "large": (3, 7), "nested": (1, 0)}
    failures = [] if found == wanted else [f"measured {found}, not {wanted}"]
    many = "struct big {" + "".join(f"int m{i};" for i in range(21)) + "};"
    if not list(check_text("x.hpp", many)):
        failures.append("21 data members are not found")
    many = "class big {" + "".join(f"void f{i}();" for i in range(41)) + "};"
    if not list(check_text("x.hpp", many)):
        failures.append("41 functions are not found")
    print("".join(failure + "\n" for failure in failures), end="")
    return len(failures)


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(1 if self_test() else 0)
    if sys.argv[1:2] == ["--list"] and len(sys.argv) == 3:
        sys.exit(list_largest(sys.argv[2]))
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(1 if check_project(sys.argv[1]) else 0)
