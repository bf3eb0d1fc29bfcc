"""PostgreSQL and Temporal for one machine, started and stopped with the office."""
