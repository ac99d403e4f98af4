#!/usr/bin/env python3
"""Checks that docs/options.md has a row for every option, and no row for anything else, and says of each for which
services it holds, as lib/transport/option_scope.cpp does: options_page.py ROOT"""

import re
import sys
from pathlib import Path

KINDS = {
    "over_tcp": "TCP",
    "over_websocket": "WebSocket",
    "over_http": "HTTP",
    "for_component": "components",
    "through_broker": "shared sessions",
    "of_program": "own transports",
}


def check_rows(options, page):
    rows = set()
    for cell in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE):
        rows |= set(re.findall(r"`(\w+)\(", cell))
    for name in sorted(options - rows):
        print(f"docs/options.md has no row for {name}()")
    for name in sorted(rows - options):
        print(f"docs/options.md has a row for {name}(), which is no option")
    return options == rows


def scopes_of(source):
    """What the table in the source says: a name, with the services it holds for and what happens elsewhere."""
    values = {name: 1 << bit for bit, name in enumerate(KINDS)}
    for name, value in re.findall(r"constexpr std::uint8_t (\w+)\s*=\s*([^;]+);", source):
        values[name] = eval(value, {}, values)
    table = source[source.index("constexpr std::array scopes"):]
    scopes = {}
    for row in table[:table.index("\n};")].split("option_scope{")[1:]:
        name, _, rest = row.lstrip().removeprefix('"').partition('"')
        mask = re.match(r",\s*([\w\s|&~()]+)", rest)
        bits = eval(mask.group(1), {}, values) if mask else values["everywhere"]
        kinds = [word for key, word in KINDS.items() if bits & values[key]]
        scopes[name] = (", ".join(kinds), "refused" if "[](" in rest else "ignored")
    return scopes


def check_scopes(options, page, source):
    scopes = scopes_of(source)
    good = True
    for name in sorted(options ^ set(scopes)):
        print(f"lib/transport/option_scope.cpp and include/xmpp/options.hpp do not agree on {name}()")
        good = False
    wanted = {name: scope for name, scope in scopes.items() if scope[0] != ", ".join(KINDS.values())}
    written = {}
    for name, kinds, elsewhere in re.findall(r"^\| `(\w+)` \| (.*?) \| (refused|ignored) \|$", page, re.MULTILINE):
        written[name] = (kinds, elsewhere)
    for name in sorted(set(wanted) | set(written)):
        if wanted.get(name) == written.get(name):
            continue
        print(f"docs/options.md says where {name}() holds otherwise than lib/transport/option_scope.cpp:",
              wanted.get(name, "everywhere"))
        good = False
    return good


def main(root):
    header = (Path(root) / "include/xmpp/options.hpp").read_text()
    page = (Path(root) / "docs/options.md").read_text()
    source = (Path(root) / "lib/transport/option_scope.cpp").read_text()
    public = header[:header.index(" private:")]
    options = set(re.findall(r"^    options& (\w+)\(", public, re.MULTILINE))
    rows = check_rows(options, page)
    scopes = check_scopes(options, page, source)
    return int(not (rows and scopes))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
