"""The shop's procedures as durable workflows: Temporal and `domain`, nothing else."""
