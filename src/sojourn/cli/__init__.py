"""The command line: one group, whose commands stand in modules by their noun."""

from sojourn.cli.commands import main

__all__ = ["main"]
