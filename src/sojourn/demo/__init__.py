"""A small company that never was, and what its people did in a month: for looking at Sojourn with something in it."""
