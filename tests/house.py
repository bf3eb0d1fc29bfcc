"""The walls of the house style, each a function from a file to its complaints."""

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("domain", "workflows", "activities", "api", "till_kivy", "analytics")

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
MOST_PARAMETERS = 6
DEEPEST_NESTING = 4
MOST_BROAD_EXCEPTS = 3
MEDIAN_FILE = 120
MEDIAN_FUNCTION = 10

VAGUE_NAMES = frozenset(
    f"{name}{plural}"
    for name in ("manager", "helper", "util", "utility", "data", "process")
    for plural in ("", "s", "es", "ies")
)
# Written in two halves, so that the rule does not find itself.
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
PLACES_OF_ONE_MACHINE = re.compile(r"(?<![\w.~}*-])/(?:wo" + r"rk|roo" + r"t|ho" + r"me)(?![\w.-])")
REGISTRIES = re.compile(
    r"\b(?:py" + r"pi\.org|python" + r"hosted\.org|registry\.np" + r"mjs|cra" + r"tes\.io"
    r"|ana" + r"conda\.org|pack" + r"agist\.org|ruby" + r"gems\.org|index" + r"-url)"
)
NEIGHBOUR = "../sha" + "red"

Function = ast.FunctionDef | ast.AsyncFunctionDef
NESTING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With, ast.AsyncWith, ast.Match)


@dataclass(frozen=True)
class SourceFile:
    """A tracked text file: its path from the project's root, and what is in it."""

    path: str
    text: str

    @property
    def is_python(self) -> bool:
        return self.path.endswith(".py")

    @property
    def is_test(self) -> bool:
        return self.path.startswith("tests/")

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def nodes(self) -> Iterator[ast.AST]:
        return ast.walk(ast.parse(self.text))

    @property
    def functions(self) -> Iterator[Function]:
        return (node for node in self.nodes if isinstance(node, Function))


@cache
def tracked_files() -> tuple[SourceFile, ...]:
    """Every text file that is committed or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout
    paths = sorted({path for path in listed.split("\0") if (ROOT / path).is_file()})
    return tuple(file for path in paths if (file := read(path)) is not None)


def read(path: str) -> SourceFile | None:
    """The file, or nothing where it is absent, a picture or other binary."""
    try:
        return SourceFile(path, (ROOT / path).read_text(encoding="utf-8"))
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def python_files() -> list[SourceFile]:
    return [file for file in tracked_files() if file.is_python]


def too_long(file: SourceFile) -> list[str]:
    count = len(file.lines)
    return [f"{file.path}: {count} lines"] if file.is_python and count > LONGEST_FILE else []


def long_functions(file: SourceFile) -> list[str]:
    return [
        f"{file.path}:{function.lineno} {function.name}: {length(function)} lines"
        for function in file.functions
        if length(function) > LONGEST_FUNCTION
    ]


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def many_parameters(file: SourceFile) -> list[str]:
    return [
        f"{file.path}:{function.lineno} {function.name}: {parameters(function)} parameters"
        for function in file.functions
        if parameters(function) > MOST_PARAMETERS
    ]


def parameters(function: Function) -> int:
    named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    starred = [star for star in (function.args.vararg, function.args.kwarg) if star]
    own = [parameter for parameter in named if parameter.arg not in {"self", "cls"}]
    return len(own) + len(starred)


def deep_nesting(file: SourceFile) -> list[str]:
    return [
        f"{file.path}:{function.lineno} {function.name}: nested {depth(function.body)} deep"
        for function in file.functions
        if depth(function.body) > DEEPEST_NESTING
    ]


def depth(body: list[ast.stmt]) -> int:
    return max((depth_of(statement) for statement in body), default=0)


def depth_of(node: ast.AST) -> int:
    if isinstance(node, Function | ast.ClassDef):
        return 0
    if isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        # `elif` reads as the same level, although the tree holds it as a nested `if`.
        return max(1 + depth(node.body), depth_of(node.orelse[0]))
    below = max((depth_of(child) for child in ast.iter_child_nodes(node)), default=0)
    return below + isinstance(node, NESTING)


def broad_excepts(file: SourceFile) -> list[str]:
    if file.is_test:
        return []
    handlers = [node for node in file.nodes if isinstance(node, ast.ExceptHandler)]
    calls = [node for node in file.nodes if isinstance(node, ast.Call)]
    broad = [node.lineno for node in handlers if node.type is None or names_everything(node.type)]
    broad += [node.lineno for node in calls if suppresses_everything(node)]
    return [f"{file.path}:{line}" for line in broad]


def suppresses_everything(call: ast.Call) -> bool:
    suppresses = ast.unparse(call.func).endswith("suppress")
    return suppresses and any(names_everything(argument) for argument in call.args)


def names_everything(node: ast.expr) -> bool:
    names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    return bool(names & {"Exception", "BaseException"})


def vague_name(file: SourceFile) -> list[str]:
    words = set(Path(file.path).stem.lower().split("_"))
    return [file.path] if file.is_python and words & VAGUE_NAMES else []


def sleeps(file: SourceFile) -> list[str]:
    return [
        f"{file.path}:{node.lineno} waits for time instead of for what it needs"
        for node in file.nodes
        if file.is_test and isinstance(node, ast.expr | ast.ImportFrom) and is_sleep(node)
    ]


def is_sleep(node: ast.AST) -> bool:
    clocks = {"time", "asyncio", "gevent", "trio", "anyio"}
    if isinstance(node, ast.ImportFrom):
        return node.module in clocks and any(alias.name == "sleep" for alias in node.names)
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "sleep"
        and isinstance(node.value, ast.Name)
        and node.value.id in clocks
    )


def bare_silence(file: SourceFile) -> list[str]:
    return [
        f"{file.path}:{number} silences a check without code and reason"
        for number, line in enumerate(file.lines, start=1)
        if file.is_python and any(is_bare(comment) for comment in silences(line))
    ]


def silences(line: str) -> list[str]:
    """The parts of a line from each silencing comment on."""
    marks = re.finditer(r"#\s*(?:no" + r"qa\b|type:\s*ignor" + r"e\b)", line)
    return [line[mark.start() :] for mark in marks]


def is_bare(comment: str) -> bool:
    code = r"no" + r"qa: [A-Z]+\d+(?:, ?[A-Z]+\d+)*|type: ignor" + r"e\[[\w, -]+\]"
    reason = re.sub(rf"#\s*(?:{code})", "", comment)
    complete = reason != comment and re.search(r"[A-Za-z]{2}", reason)
    return not complete


def unfinished(file: SourceFile) -> list[str]:
    return found(UNFINISHED, file, "is left for later")


def places_of_one_machine(file: SourceFile) -> list[str]:
    return found(PLACES_OF_ONE_MACHINE, file, "names a place of one machine")


def registries(file: SourceFile) -> list[str]:
    return found(REGISTRIES, file, "names a package registry")


def neighbours(file: SourceFile) -> list[str]:
    """Only tests may look beside the project, for data that need not be there."""
    beside = re.compile(re.escape(NEIGHBOUR))
    return [] if file.is_test else found(beside, file, "looks beside the project")


def found(pattern: re.Pattern[str], file: SourceFile, complaint: str) -> list[str]:
    return [
        f"{file.path}:{number} {complaint}: {line.strip()[:80]}"
        for number, line in enumerate(file.lines, start=1)
        if pattern.search(line)
    ]


def written_lines(files: list[SourceFile]) -> int:
    return sum(bool(line.strip()) for file in files for line in file.lines)


def fewer_tests_than_code(files: list[SourceFile]) -> list[str]:
    tests = written_lines([file for file in files if file.is_test])
    code = written_lines([file for file in files if not file.is_test])
    return [] if tests >= code else [f"{tests} lines of tests for {code} lines of code"]


def medians_too_high(files: list[SourceFile]) -> list[str]:
    code = [file for file in files if not file.is_test and file.text.strip()]
    file_lines = median([len(file.lines) for file in code] or [0])
    lengths = [length(function) for file in code for function in file.functions]
    function_lines = median(lengths or [0])
    complaints = []
    if file_lines > MEDIAN_FILE:
        complaints.append(f"the median file has {file_lines} lines, at most {MEDIAN_FILE}")
    if function_lines >= MEDIAN_FUNCTION:
        complaints.append(f"the median function has {function_lines}, under {MEDIAN_FUNCTION}")
    return complaints
