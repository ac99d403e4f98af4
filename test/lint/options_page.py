#!/usr/bin/env python3
"""Checks that docs/options.md has a row for every option, and no row for anything else: options_page.py ROOT"""

import re
import sys
from pathlib import Path


def main(root):
    header = (Path(root) / "include/xmpp/options.hpp").read_text()
    page = (Path(root) / "docs/options.md").read_text()
    public = header[:header.index(" private:")]
    options = set(re.findall(r"^    options& (\w+)\(", public, re.MULTILINE))
    rows = set()
    for cell in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE):
        rows |= set(re.findall(r"`(\w+)\(", cell))
    for name in sorted(options - rows):
        print(f"docs/options.md has no row for {name}()")
    for name in sorted(rows - options):
        print(f"docs/options.md has a row for {name}(), which is no option")
    return int(options != rows)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
