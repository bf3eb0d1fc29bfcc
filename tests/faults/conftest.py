"""What tests of faults ask for by name; engines are each module's own, because it breaks them."""

from fixtures_temporal import loop

__all__ = ["loop"]
