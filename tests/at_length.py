"""Random faults with one seed in `make test`, and with all of their seeds in `make faults`.

`@pytest.mark.seeds(100, 140)` gives the test's `seed` the numbers from 100 to 139 with
`--at-length`, and 100 alone without.
"""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--at-length", action="store_true", help="Try random faults with all of their seeds."
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "seeds(first, behind): which seeds a random fault has.")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for marker in metafunc.definition.iter_markers("seeds"):
        first, behind = marker.args
        metafunc.parametrize(
            "seed", range(first, behind if metafunc.config.option.at_length else first + 1)
        )
