#!/usr/bin/env python3
"""Runs clang-tidy 19 over the library: tidy.py ROOT BUILD

BUILD is a build folder of clang's. Files that were found good before, and whose text, includes and
flags are the same, are not looked at again; BUILD/tidy remembers them.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROGRAM = "clang-tidy-19"


def preprocessed(entry):
    """What the compiler sees, comments included: they hold the NOLINT marks."""
    command = [word for word in entry["command"].split() if word != "-c"]
    if "ccache" in Path(command[0]).name:
        del command[0]
    for option in ("-o", "-MF", "-MQ"):
        if option in command:
            place = command.index(option)
            del command[place:place + 2]
    command = [word for word in command if word not in ("-MD", "-MMD")]
    return subprocess.run(command + ["-E", "-C", "-P"], cwd=entry["directory"], check=True,
                          capture_output=True).stdout


def look_at(entry, build, version, memory):
    source = (Path(entry["directory"]) / entry["file"]).resolve()
    digest = hashlib.sha256(version + preprocessed(entry)).hexdigest()
    mark = memory / digest
    if mark.exists():
        return 0, ""
    result = subprocess.run([PROGRAM, "--quiet", "-p", str(build), str(source)], check=False,
                            capture_output=True, text=True)
    if result.returncode == 0:
        mark.touch()
        return 0, ""
    return 1, result.stdout + result.stderr


def main(root, build):
    root, build = Path(root).resolve(), Path(build).resolve()
    if shutil.which(PROGRAM) is None:
        print(f"{PROGRAM} is missing")
        return 1
    version = subprocess.run([PROGRAM, "--version"], check=True, capture_output=True).stdout
    version += (root / ".clang-tidy").read_bytes()
    memory = build / "tidy"
    memory.mkdir(exist_ok=True)
    entries = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = (Path(entry["directory"]) / entry["file"]).resolve()
        if root / "lib" in source.parents:
            entries[source] = entry
    if not entries:
        print("no file of lib/ is in", build / "compile_commands.json")
        return 1

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda entry: look_at(entry, build, version, memory),
                                entries.values()))
    bad = sum(failed for failed, _ in results)
    print("".join(text for _, text in results), end="")
    print(f"{len(entries) - bad} files are good, {bad} are not")
    return min(bad, 1)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
