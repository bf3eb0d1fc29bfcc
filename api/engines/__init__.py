"""The real engines in their one-machine form, started and stopped by `tillflow up`."""
