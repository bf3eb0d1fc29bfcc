"""What holds for every test: skips are told, and nothing is left running."""

pytest_plugins = ["notrun", "leftovers", "at_length", "fixtures_office", "fixtures_temporal"]
