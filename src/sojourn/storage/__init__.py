"""The ports of the core told in SQL, once for both engines."""
