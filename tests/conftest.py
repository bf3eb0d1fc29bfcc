"""What holds for every test: skips are told, and nothing is left running."""

pytest_plugins = ["notrun", "leftovers", "fixtures_office", "fixtures_temporal"]
