"""The devices on the counter, each behind a protocol and each with a simulated twin."""
