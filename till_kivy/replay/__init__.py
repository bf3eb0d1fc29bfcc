"""Replay of real sales: lines of a file become sales of real registers and journals."""
