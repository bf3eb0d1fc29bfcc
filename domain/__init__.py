"""The pure rules of the shop: no clock, no file, no randomness, no network."""
