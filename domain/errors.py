"""The errors of the shop: each is a sentence for a person, with an HTTP status."""


class DomainError(Exception):
    """Something a person asked for cannot be done; `str(error)` says why."""

    status = 422
    field = ""
    """The field of a document or form that it is about, empty for none of them alone."""


class NotFound(DomainError):
    """What was asked for does not exist."""

    status = 404


class Conflict(DomainError):
    """The same identity was used before for something else."""

    status = 409
