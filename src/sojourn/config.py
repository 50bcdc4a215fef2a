"""Settings: one frozen object, read once at the start from the environment, then from a file."""
