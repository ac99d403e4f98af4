#!/usr/bin/env python3
"""Checks that doxygen understands every docstring of the public headers: reference.py ROOT OUTPUT

Without doxygen the test skips, but not in CI.
"""

import os
import shutil
import subprocess
import sys

SKIPPED = 77  # what meson takes for a skipped test


def main(root, output):
    program = shutil.which("doxygen")
    if program is None:
        print("doxygen is missing")
        return 1 if os.environ.get("CI") or os.environ.get("XMPP_REQUIRE_TOOLS") == "1" else SKIPPED
    settings = f"@INCLUDE = docs/Doxyfile\nOUTPUT_DIRECTORY = {output}\n"
    return subprocess.run([program, "-"], cwd=root, check=False, text=True,
                          input=settings).returncode


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
