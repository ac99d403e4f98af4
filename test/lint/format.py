#!/usr/bin/env python3
"""Checks that every source file is as clang-format 19 would write it: format.py ROOT

Other versions format differently. Without clang-format-19 the test skips, but not in CI.
"""

import os
import shutil
import subprocess
import sys

from cpp_tokens import sources

SKIPPED = 77  # what meson takes for a skipped test


def main(root):
    program = shutil.which("clang-format-19")
    if program is None:
        print("clang-format-19 is missing")
        return 1 if os.environ.get("CI") or os.environ.get("XMPP_REQUIRE_TOOLS") == "1" else SKIPPED
    bad = [path for path in map(str, sources(root, "include", "lib", "test", "samples", "bench"))
           if subprocess.run([program, "--dry-run", "-Werror", path], check=False,
                             stderr=subprocess.DEVNULL).returncode != 0]
    if bad:
        print("Not as clang-format writes them; put right by:\n", program, "-i", *bad)
    return min(1, len(bad))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
