"""What tests of the API ask for by name."""

from fixtures_office import postgres, postgres_url
from fixtures_temporal import numbers, office

__all__ = ["numbers", "office", "postgres", "postgres_url"]
