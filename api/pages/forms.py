"""Forms as pages draw them: after a refusal with what was typed, and the sentence at its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request

from api.pages.browser import fields
from domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class Form:
    """One form: where it is sent to, what stands in its fields, and which is `wrong` and why."""

    action: str
    values: Mapping[str, str]
    wrong: str = ""
    why: str = ""

    def id(self, field: str) -> str:
        """Return what a field is known by in a page of many forms."""
        return "-".join([*self.action.strip("/").split("/"), field])

    def value(self, field: str) -> str:
        """Return what stands in a field, nothing in one that was never filled in."""
        return self.values.get(field, "")


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of the page that answers a request; `error` is why the one sent was refused."""

    request: Request
    error: DomainError | None = None

    def __call__(self, action: str, **values: str) -> Form:
        """Return the form that is sent to `action`: with these values until somebody types."""
        if self.error is None or action != self.request.url.path:
            return Form(action, values)
        return Form(action, self._typed, self._wrong, str(self.error))

    @property
    def summary(self) -> str:
        """What is to stand above the page: the sentence of an error that no field of it has."""
        return "" if self.error is None or self._wrong else str(self.error)

    @property
    def wrong_id(self) -> str:
        """The field that has the error, as the page knows it; empty for none."""
        return self(self.request.url.path).id(self._wrong) if self._wrong else ""

    @property
    def _typed(self) -> Mapping[str, str]:
        return fields(self.request)

    @property
    def _wrong(self) -> str:
        field = self.error.field if self.error else ""
        return field if field and field in self._typed else ""
