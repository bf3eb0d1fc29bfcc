"""What tests of the office ask for by name."""

from fixtures_temporal import loop, temporal

__all__ = ["loop", "temporal"]
