#!/usr/bin/env python3
"""Finds code of the library that asks another clock than xmpp::clock what time it is, or sleeps.

    clocks.py ROOT          looks through include/ and lib/
    clocks.py --self-test   checks this program on made-up lines

Everything that waits does so by one clock, which is steady, so that no jump of the system's time
can move a deadline, and which tests replace. A line that must do otherwise says why:
`// lint: certificates bear dates`.
"""

import re
import sys
from pathlib import Path

from cpp_tokens import WAIVER, sources

# The clock itself, and Asio's timer as an event that nobody waits for in time.
ALLOWED = {"include/xmpp/clock.hpp", "lib/base/clock.cpp", "lib/base/event.cpp"}
# Dates, which test certificates bear and messages are stamped with, are not for waiting.
DATES = ("include/xmpp/testing/virtual_clock.hpp", "lib/testing/virtual_clock.cpp",
         "lib/stream/management/unacked_stanzas.hpp", "lib/stream/management/resend.cpp",
         "lib/testing/certificates.cpp", "include/xmpp/testing/certificates.hpp",
         "lib/testing/server/stamp.cpp", "lib/testing/server/stamp.hpp")

WORDS = re.compile(
    r"\b(system_clock|high_resolution_clock|steady_clock|utc_clock|sleep_for|sleep_until"
    r"|steady_timer|system_timer|gettimeofday|clock_gettime|nanosleep|usleep"
    r"|(?<![.>\w])(?:std::)?time(?=\s*\(\s*(?:nullptr|NULL|0)\s*\)))")


def check_text(name, text):
    if name in ALLOWED:
        return
    for number, line in enumerate(text.split("\n"), 1):
        code = line.split("//")[0]
        found = WORDS.search(code)
        if not found or WAIVER.search(line) or code.lstrip().startswith("#include"):
            continue
        if name in DATES and found.group(1) == "system_clock":
            continue
        yield f"{name}:{number}: {found.group(1)}: all time comes from xmpp::clock"


def check_project(root):
    root = Path(root).resolve()
    problems = [problem for path in sources(root, "include", "lib")
                for problem in check_text(str(path.relative_to(root)), path.read_text())]
    print("".join(problem + "\n" for problem in problems), end="")
    return len(problems)


GOOD = [
    ("lib/base/clock.cpp", "return std::chrono::steady_clock::now();"),
    ("lib/testing/certificates.cpp", "auto now = std::chrono::system_clock::now();"),
    ("lib/session/session.cpp", "const auto now = settings_.time_source()->now();"),
    ("lib/session/session.cpp", "// not the system_clock, which jumps"),
    ("lib/net/x.cpp", "auto t = std::chrono::system_clock::now();  // lint: a date to show"),
    ("lib/net/x.cpp", "run(time(nullptr_like));"),
]
BAD = [
    ("lib/session/session.cpp", "auto t = std::chrono::system_clock::now();"),
    ("lib/session/session.cpp", "auto t = std::chrono::steady_clock::now();"),
    ("lib/net/dial/dial.cpp", "std::this_thread::sleep_for(1s);"),
    ("lib/net/dial/dial.cpp", "asio::steady_timer timer(executor);"),
    ("lib/base/x.cpp", "auto seed = std::time(nullptr);"),
    ("lib/testing/server/stamp.cpp", "timer.expires_at(std::chrono::steady_clock::now());"),
]


def self_test():
    failures = [f"found: {problem}" for name, line in GOOD for problem in check_text(name, line)]
    failures += [f"not found: {name}: {line}" for name, line in BAD
                 if not list(check_text(name, line))]
    print("".join(failure + "\n" for failure in failures), end="")
    return len(failures)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(min(1, self_test() if sys.argv[1] == "--self-test" else check_project(sys.argv[1])))
