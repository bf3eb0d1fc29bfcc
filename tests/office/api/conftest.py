"""What tests of the API ask for by name."""

from fixtures_office import office

__all__ = ["office"]
