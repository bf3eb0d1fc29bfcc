"""Side effects are promised on one page and kept on others; this compares the two (rule 9)."""

import importlib
import inspect
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

Deed = Callable[..., Any]

# Where Temporal's decorator leaves its definition; there is no public way to ask for it.
DEFINITION = "__temporal_activity_definition"


@dataclass(frozen=True)
class Signature:
    """What goes in, by position, and what comes out."""

    takes: tuple[object, ...]
    gives: object

    @classmethod
    def of(cls, deed: Deed) -> "Signature":
        hints = typing.get_type_hints(deed)
        names = [name for name in inspect.signature(deed).parameters if name != "self"]
        return cls(tuple(hints.get(name, "untyped") for name in names), hints.get("return"))


def deeds(holder: ModuleType | type) -> Iterator[Deed]:
    """The activities that a module or one of its own classes defines."""
    for member in vars(holder).values():
        if inspect.isfunction(member) and hasattr(member, DEFINITION):
            yield member
        elif inspect.isclass(member) and member.__module__ == holder.__name__:
            yield from deeds(member)


def name_of(deed: Deed) -> str:
    return str(getattr(deed, DEFINITION).name)


def defined_in(module: ModuleType) -> list[Deed]:
    return [deed for deed in deeds(module) if deed.__module__ == module.__name__]


def kept_in(folder: Path) -> list[Deed]:
    """Every activity below a folder; only files that name the decorator are imported."""
    modules = [
        ".".join(path.relative_to(folder.parent).with_suffix("").parts)
        for path in sorted(folder.rglob("*.py"))
        if "activity.defn" in path.read_text()
    ]
    return [deed for module in modules for deed in defined_in(importlib.import_module(module))]


def broken(promised: list[Deed], kept: list[Deed]) -> list[str]:
    """Promises without a body, bodies without a promise, and pairs that differ."""
    promises = {name_of(deed): Signature.of(deed) for deed in promised}
    bodies = {name_of(deed): Signature.of(deed) for deed in kept}
    return [
        *(f"{name} is promised twice" for name in doubled(promised)),
        *(f"{name} has two bodies" for name in doubled(kept)),
        *(
            f"{name} is promised and nobody keeps it"
            for name in sorted(promises.keys() - bodies.keys())
        ),
        *(f"{name} was never promised" for name in sorted(bodies.keys() - promises.keys())),
        *(
            f"{name}: promised {promises[name]}, kept {bodies[name]}"
            for name in sorted(promises.keys() & bodies.keys())
            if promises[name] != bodies[name]
        ),
    ]


def doubled(deeds_: list[Deed]) -> list[str]:
    names = [name_of(deed) for deed in deeds_]
    return sorted({name for name in names if names.count(name) > 1})


def incomplete(promise: Deed, module: ModuleType) -> list[str]:
    """A promise has one sentence, and a limit in a constant of its name beside it."""
    name = name_of(promise)
    limits = getattr(module, name.upper(), {})
    complaints = []
    if not promise.__doc__:
        complaints.append(f"{name} has no sentence")
    if not {"start_to_close_timeout", "schedule_to_close_timeout"} & limits.keys():
        complaints.append(f"{name.upper()} gives {name} no time limit")
    return complaints
