"""What the inside may not know: clocks, chance, files, networks, floats (rules 2 and 3)."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass

# Modules of the standard library through which the outside comes in.
OUTSIDE = frozenset(
    """
    asyncio builtins code codeop concurrent ctypes curses dbm email fcntl fileinput ftplib getpass
    glob http imaplib importlib inspect io locale logging mmap multiprocessing nntplib os pathlib
    pickle platform poplib pty pwd random readline resource runpy sched secrets select selectors
    shelve shutil signal site smtplib socket socketserver sqlite3 ssl subprocess sys sysconfig
    syslog tempfile termios threading time tkinter tracemalloc tty urllib venv webbrowser wsgiref
    xmlrpc zipimport _thread
    """.split()
)
# Numbers that lose money: binary fractions, and decimals whose rounding nobody decided.
LOSSY = frozenset({"decimal", "fractions", "cmath", "statistics", "numbers"})
CLOCKS = frozenset({"now", "utcnow", "today", "fromtimestamp", "utcfromtimestamp"})
CHANCE = frozenset({"uuid1", "uuid4", "uuid6", "uuid7", "uuid8", "getnode"})
REACHES_OUT = frozenset({"open", "print", "input", "eval", "exec", "compile", "__import__"})


@dataclass(frozen=True)
class Room:
    """What the files of one folder may import and do."""

    name: str
    own: frozenset[str]
    allowed_outside: frozenset[str] = frozenset()
    floats: bool = True

    def may_import(self, module: str) -> bool:
        top = module.partition(".")[0]
        if top in sys.stdlib_module_names:
            barred = OUTSIDE if self.floats else OUTSIDE | LOSSY
            return top not in barred - self.allowed_outside
        return top in self.own

    def impurities(self, source: str) -> list[str]:
        """One complaint for each thing in the source that this room does not allow."""
        return [
            f"line {line}: {complaint}"
            for line, complaint in sorted(set(self._complaints(ast.parse(source))))
        ]

    def _complaints(self, tree: ast.Module) -> Iterator[tuple[int, str]]:
        for node in ast.walk(tree):
            for complaint in self._imports(node) + reaching_out(node):
                yield getattr(node, "lineno", 0), complaint
            if not self.floats:
                for complaint in lossy(node):
                    yield getattr(node, "lineno", 0), complaint

    def _imports(self, node: ast.AST) -> list[str]:
        return [
            f"{self.name} may not import {module}"
            for module in imported(node)
            if not self.may_import(module)
        ]


DOMAIN = Room("domain", own=frozenset({"domain", "biip"}), floats=False)
# Temporal runs workflow code under a deterministic event loop, so asyncio is no outside there.
WORKFLOWS = Room(
    "workflows",
    own=frozenset({"workflows", "domain", "temporalio"}),
    allowed_outside=frozenset({"asyncio"}),
)


def imported(node: ast.AST) -> list[str]:
    """The modules one import statement names; a relative one stays in its own room."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        return [node.module]
    return []


def reaching_out(node: ast.AST) -> list[str]:
    """Builtins, clocks and chance that need no suspicious import."""
    if isinstance(node, ast.Name) and node.id in REACHES_OUT:
        return [f"{node.id} reaches the outside"]
    if not isinstance(node, ast.Attribute):
        return []
    owner = ast.unparse(node.value).rpartition(".")[2]
    if owner in {"datetime", "date"} and node.attr in CLOCKS:
        return [f"{owner}.{node.attr} asks the clock"]
    if owner == "uuid" and node.attr in CHANCE:
        return [f"uuid.{node.attr} throws dice"]
    return []


def lossy(node: ast.AST) -> list[str]:
    """Floats, and the division that makes them."""
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        return [f"{node.value} is a float"]
    if isinstance(node, ast.Name) and node.id in {"float", "complex"}:
        return [f"{node.id} loses cents"]
    divides = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
    return ["/ makes a float: use split or round_half_up"] if divides else []


def imported_names(node: ast.AST) -> list[str]:
    """Modules and, after `from x import y`, also x.y: y may be a module."""
    if isinstance(node, ast.ImportFrom):
        return imported(node) + [f"{node.module}.{alias.name}" for alias in node.names]
    return imported(node)
