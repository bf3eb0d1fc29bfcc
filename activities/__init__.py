"""Everything that touches the outside world: the worker's activities and the office's database."""
