#!/usr/bin/env python3
"""Lists the public headers below a folder, one a line, as users include them: public_headers.py include"""

import sys
from pathlib import Path

for header in sorted(Path(sys.argv[1]).rglob("*.hpp")):
    print(header.relative_to(sys.argv[1]))
