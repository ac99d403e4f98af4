#!/usr/bin/env python3
"""Checks who includes whom: the layers of docs/architecture.md, and the fences around costly headers.

    layers.py ROOT          looks through the project
    layers.py --self-test   checks this program on made-up files

A line that breaks a rule for a good reason says so behind the include: `// lint: why`.
"""

import fnmatch
import re
import sys
from collections import Counter
from pathlib import Path

from cpp_tokens import WAIVER, sources

# From the ground up: a layer includes itself and what stands before it.
LAYERS = ["base", "address", "xml", "stanza", "sasl", "store", "options", "net", "transport", "login", "dispatch",
          "stream", "session", "connection", "broker", "xep", "testing"]
# These stand beside each other: none knows another, but for the headers listed here.
SIBLINGS = ("login", "dispatch", "stream")
BESIDE = {
    # What is handled is acknowledged, and a ping of the link's own is answered as a request is.
    "stream": ["dispatch/handled_count.hpp", "dispatch/receipt.hpp", "dispatch/reply_table.hpp"],
}

# Which layer a public header belongs to.
PUBLIC = {
    "base": ["async_generator", "clock", "error", "make_id", "task"],
    "address": ["jid"],
    "xml": ["builder", "element", "ns", "stx", "xhtml_im", "detail/open_elements", "detail/stx*", "detail/tree", "detail/xml*"],
    "stanza": ["iq", "message", "presence", "stanza", "stanza_error"],
    "sasl": ["credentials"],
    "store": ["session_store", "sqlite_store"],
    "options": ["byte_stream", "message_channel", "options", "protocol_error", "sasl_mechanism", "tls*"],
    "transport": ["bosh_session", "log", "session_role"],
    "dispatch": ["handler*", "match", "status"],
    "session": ["health"],
    "connection": ["connection", "scoped_handler", "transport_controls"],
    "broker": ["broker"],
    "xep": ["xep/*", "xmpp"],
    "testing": ["testing/*"],
}

# Headers that cost seconds a file, and the files that may pay. What a pattern here names is where
# the SDK meets the outside: sockets, time, the start of coroutines.
COSTLY = {
    "asio/co_spawn.hpp": ["lib/base/spawn.cpp"],
    "asio/steady_timer.hpp": ["lib/base/clock.cpp", "lib/base/event.cpp"],
    "asio/ip/*": ["lib/net/*socket*", "lib/net/dial/ip_text.cpp", "lib/net/*resolver*", "lib/testing/*listener*"],
    "asio/posix/*": ["lib/net/*resolver*", "lib/net/http/http_client*"],
    "asio/local/*": ["lib/net/*socket*", "lib/transport/shared/*"],
    "asio/impl/src.hpp": ["lib/base/asio_impl.cpp"],
    "asio/signal_set.hpp": [],
    "asio/ssl*": [],
    "asio/experimental/*": [],
    "asio.hpp": [],
}
# Tests pay for what they test; a library's tests are its concern.
FENCED_FOLDERS = ("lib/", "include/")

EXPAT = ["lib/xml/parser/*", "test/unit/xml/parser/*"]
OPENSSL = ["lib/net/tls/*", "lib/net/http/*tls*", "lib/base/crypto/*", "lib/testing/certificate*"]
SQLITE = ["lib/store/sqlite*"]
WSLAY = ["lib/net/websocket/websocket_codec*"]
PUBLIC_ASIO = ["asio/awaitable.hpp", "asio/any_io_executor.hpp"]
TESTING_ASIO = PUBLIC_ASIO + ["asio/io_context.hpp"]
NO_ASIO = ("xml", "stanza", "sasl", "store")

# All that the session may know of transports.
TRANSPORT_INTERFACE = ["transport/failures.hpp", "transport/option_scope.hpp", "transport/stream_error.hpp",
                       "transport/trace.hpp", "transport/traffic.hpp", "transport/transport.hpp",
                       "transport/transport_request.hpp"]

LONG_FILE = 400
# Files that one list of a folder may have; more belong into rooms of their own.
FULL_FOLDER = 25

INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"]+)[>\"]", re.MULTILINE)


class Project:
    """The files by name, and what each includes: (line, header, waived)."""

    def __init__(self, files):
        self.files = files
        self.includes = {name: list(read_includes(text)) for name, text in files.items()}
        self.problems = []

    def report(self, name, line, text):
        self.problems.append(f"{name}:{line}: {text}")

    def resolve(self, name, header):
        """The project's file behind an include, or None for those of others."""
        beside = str(Path(name).parent / header)
        for candidate in (f"include/{header}", f"lib/{header}", f"test/{header}", beside):
            if candidate in self.files:
                return candidate
        return None

    def check(self):
        for name, includes in sorted(self.includes.items()):
            for line, header, waived in includes:
                if not waived:
                    self.check_include(name, line, header)
        self.check_asio_by_detour()
        return self.problems

    def check_include(self, name, line, header):
        target = self.resolve(name, header)
        if name.startswith("samples/"):
            if target and not target.startswith(("include/", "samples/")):
                self.report(name, line, f"samples use <xmpp/...> only, not \"{header}\"")
            return
        layer = layer_of(name)
        if target and target.startswith("include/") and layer_of(target) is None:
            self.report(name, line, f"<{header}> has no layer: give it one in test/lint/layers.py")
        if layer:
            self.check_direction(name, line, header, layer, target)
        self.check_fences(name, line, header, layer)

    def check_direction(self, name, line, header, layer, target):
        if target is None:
            if header.startswith("xmpp/"):
                self.report(name, line, f"<{header}> does not exist")
            return
        if target.startswith("test/"):
            self.report(name, line, f"\"{header}\" belongs to the tests")
        other = layer_of(target)
        if other is None:
            return
        if LAYERS.index(other) > LAYERS.index(layer):
            self.report(name, line, f"{layer} must not know {other} (\"{header}\")")
        elif layer != other and layer in SIBLINGS and other in SIBLINGS and target.startswith("lib/") \
                and header not in BESIDE.get(layer, ()):
            self.report(name, line, f"{layer} stands beside {other} (\"{header}\")")
        if layer == "xep" and other != "xep" and not target.startswith("include/"):
            self.report(name, line, f"extensions use <xmpp/...> only, not \"{header}\"")
        if layer in ("session", *SIBLINGS) and other == "transport" and target.startswith("lib/") and header not in TRANSPORT_INTERFACE:
            self.report(name, line, f"{layer} must not name a transport (\"{header}\")")
        if name.startswith("include/") and target.startswith("lib/"):
            self.report(name, line, f"a public header includes the private \"{header}\"")

    def check_fences(self, name, line, header, layer):
        if header == "expat.h" and not matches(name, EXPAT):
            self.report(name, line, "expat is the business of lib/xml")
        if header == "sqlite3.h" and not matches(name, SQLITE):
            self.report(name, line, "SQLite is the business of lib/store/sqlite_database")
        if header.startswith("wslay/") and not matches(name, WSLAY):
            self.report(name, line, "libwslay is the business of lib/net/websocket_codec")
        if header.startswith("openssl/") and header != "openssl/types.h" and layer \
                and not matches(name, OPENSSL):
            self.report(name, line, f"<{header}> is for the files named in test/lint/layers.py")
        if layer in NO_ASIO and is_asio(header):
            self.report(name, line, f"{layer} does without Asio (<{header}>)")
        if name.startswith("include/") and is_asio(header) \
                and header not in (TESTING_ASIO if layer == "testing" else PUBLIC_ASIO):
            self.report(name, line, f"<{header}> is too heavy for a public header")
        for costly, places in COSTLY.items():
            if name.startswith(FENCED_FOLDERS) and fnmatch.fnmatch(header, costly) \
                    and not matches(name, places):
                self.report(name, line,
                            f"<{header}> costs too much here: use the file that wraps it "
                            "(see COSTLY in test/lint/layers.py)")

    def check_asio_by_detour(self):
        """The layers without Asio don't get it through another header of ours either."""
        for name in sorted(self.files):
            if layer_of(name) not in NO_ASIO:
                continue
            for line, header, waived in self.includes[name]:
                target = self.resolve(name, header)
                path = target and not waived and self.path_to_asio(target, {name})
                if path:
                    self.report(name, line, f"gets Asio through {' -> '.join(path)}")

    def path_to_asio(self, name, seen):
        if name in seen:
            return None
        seen.add(name)
        for _, header, waived in self.includes[name]:
            if waived:
                continue
            if is_asio(header):
                return [name]
            target = self.resolve(name, header)
            path = target and self.path_to_asio(target, seen)
            if path:
                return [name] + path
        return None


def read_includes(text):
    lines = text.split("\n")
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield line, match.group(2), bool(WAIVER.search(lines[line - 1]))


def is_asio(header):
    return header == "asio.hpp" or header.startswith("asio/")


def matches(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def layer_of(name):
    """A file's layer; None for tests, samples and public headers that nobody has placed."""
    parts = name.split("/")
    if parts[0] == "lib" and len(parts) > 2:
        return parts[1] if parts[1] in LAYERS else None
    if name.startswith("include/xmpp/"):
        stem = name[len("include/xmpp/"):].removesuffix(".hpp")
        for layer, patterns in PUBLIC.items():
            if matches(stem, patterns):
                return layer
    return None


def read_project(root):
    root = Path(root).resolve()
    return {str(path.relative_to(root)): path.read_text()
            for path in sources(root, "include", "lib", "test", "samples")}


def full_folders(files):
    """The folders of the library that list more files than one can take in."""
    counts = Counter(str(Path(name).parent) for name in files if name.startswith("lib/"))
    return [f"{folder}: {count} files; more than {FULL_FOLDER} belong into rooms of their own"
            for folder, count in sorted(counts.items()) if count > FULL_FOLDER]


def check_project(root):
    files = read_project(root)
    for name, text in files.items():
        length = text.count("\n")
        if length > LONG_FILE and name.startswith(("lib/", "include/")):
            print(f"warning: {name} has {length} lines; can it be two files?")
    problems = Project(files).check() + full_folders(files)
    print("".join(problem + "\n" for problem in problems), end="")
    return len(problems)


GOOD = {
    "include/xmpp/task.hpp": "#include <asio/awaitable.hpp>\n",
    "include/xmpp/error.hpp": "#include <string>\n",
    "include/xmpp/element.hpp": "#include <xmpp/error.hpp>\n",
    "include/xmpp/connection.hpp": "#include <xmpp/task.hpp>\n#include <xmpp/element.hpp>\n",
    "include/xmpp/testing/server.hpp": "#include <asio/io_context.hpp>\n",
    "lib/base/spawn.hpp": "#include <asio/any_io_executor.hpp>\n",
    "lib/base/spawn.cpp": '#include "base/spawn.hpp"\n#include <asio/co_spawn.hpp>\n',
    "lib/xml/parser.hpp": "#include <xmpp/element.hpp>\n",
    "lib/xml/parser/parser.cpp": '#include "xml/parser.hpp"\n#include <expat.h>\n',
    "lib/sasl/scram.cpp": "#include <xmpp/error.hpp>\n",
    "lib/net/tls/tls_engine.cpp": "#include <openssl/ssl.h>\n",
    "lib/net/socket/tcp_socket.hpp": "#include <asio/ip/tcp.hpp>\n",
    "lib/transport/transport.hpp": "#include <xmpp/task.hpp>\n",
    "lib/transport/tcp.hpp": '#include "transport/transport.hpp"\n#include "net/socket/tcp_socket.hpp"\n',
    "lib/login/phases.cpp": '#include "transport/transport.hpp"\n',
    "lib/dispatch/receipt.hpp": "",
    "lib/dispatch/handlers.cpp": '#include "dispatch/receipt.hpp"\n',
    "lib/stream/delivery.cpp": '#include "dispatch/receipt.hpp"\n',
    "lib/session/run.cpp": '#include "dispatch/receipt.hpp"\n',
    "lib/connection/connection.cpp": '#include "transport/tcp.hpp"\n',
    "lib/xep/roster.cpp": "#include <xmpp/connection.hpp>\n",
    "samples/first/main.cpp": "#include <xmpp/connection.hpp>\n#include <asio.hpp>\n",
    "test/unit/xml/parser_test.cpp": '#include "xml/parser.hpp"\n#include <asio.hpp>\n',
}
# Each is put over GOOD and must give problems that say these words.
BAD = [
    ({"lib/xml/parser/parser.cpp": '#include "login/phases.hpp"\n', "lib/login/phases.hpp": ""},
     "xml must not know login"),
    ({"lib/dispatch/handlers.cpp": '#include "login/phases.hpp"\n', "lib/login/phases.hpp": ""},
     "dispatch stands beside login"),
    ({"lib/stream/delivery.cpp": '#include "dispatch/handlers.hpp"\n', "lib/dispatch/handlers.hpp": ""},
     "stream stands beside dispatch"),
    ({"include/xmpp/error.hpp": "#include <xmpp/element.hpp>\n"}, "base must not know xml"),
    ({"lib/xml/parser.hpp": "#include <asio/buffer.hpp>\n"}, "xml does without Asio"),
    ({"lib/sasl/scram.cpp": "#include <xmpp/task.hpp>\n"}, "gets Asio through"),
    ({"lib/sasl/scram.cpp": '#include "base/spawn.hpp"\n'}, "gets Asio through"),
    ({"include/xmpp/connection.hpp": "#include <asio/ip/tcp.hpp>\n"}, "too heavy"),
    ({"include/xmpp/connection.hpp": "#include <asio/io_context.hpp>\n"}, "too heavy"),
    ({"include/xmpp/connection.hpp": '#include "login/phases.hpp"\n',
      "lib/login/phases.hpp": ""}, "includes the private"),
    ({"lib/login/phases.cpp": '#include "transport/tcp.hpp"\n'}, "must not name a transport"),
    ({"lib/xep/roster.cpp": '#include "transport/transport.hpp"\n'}, "extensions use <xmpp/...>"),
    ({"samples/first/main.cpp": '#include "base/spawn.hpp"\n'}, "samples use <xmpp/...>"),
    ({"lib/login/phases.cpp": "#include <expat.h>\n"}, "business of lib/xml"),
    ({"lib/login/phases.cpp": "#include <openssl/evp.h>\n"}, "for the files named"),
    ({"lib/net/tls/tls_engine.cpp": "#include <wslay/wslay.h>\n"}, "business of lib/net/websocket"),
    ({"lib/store/file_store.cpp": "#include <sqlite3.h>\n"}, "business of lib/store/sqlite"),
    ({"lib/login/phases.cpp": "#include <asio/steady_timer.hpp>\n"}, "costs too much"),
    ({"lib/net/tls/tls_engine.cpp": "#include <asio/ssl/stream.hpp>\n"}, "costs too much"),
    ({"lib/base/spawn.cpp": '#include "support/run.hpp"\n', "test/support/run.hpp": ""},
     "belongs to the tests"),
    ({"include/xmpp/connection.hpp": "#include <xmpp/nowhere.hpp>\n"}, "does not exist"),
    ({"include/xmpp/stray.hpp": "", "lib/net/tls/tls_engine.cpp": "#include <xmpp/stray.hpp>\n"},
     "has no layer"),
    ({"lib/connection/connection.cpp": "#include <xmpp/testing/server.hpp>\n"},
     "connection must not know testing"),
]


def self_test():
    failures = [f"found in good files: {problem}" for problem in Project(GOOD).check()]
    crowd = {f"lib/net/file{number}.hpp": "" for number in range(FULL_FOLDER + 1)}
    if len(full_folders(crowd)) != 1 or full_folders(GOOD):
        failures.append("a folder that is full is not told from others")
    for changed, words in BAD:
        problems = Project(GOOD | changed).check()
        if not any(words in problem for problem in problems):
            failures.append(f"\"{words}\" not found in {changed}: {problems}")
        waived = {name: "".join(line + " // lint: tried\n" for line in text.splitlines())
                  for name, text in changed.items()}
        failures += [f"found in spite of its waiver: {problem}"
                     for problem in Project(GOOD | waived).check()]
    print("".join(failure + "\n" for failure in failures), end="")
    return len(failures)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(min(1, self_test() if sys.argv[1] == "--self-test" else check_project(sys.argv[1])))
