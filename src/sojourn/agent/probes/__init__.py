"""The probes: each a module with one function, whose result is a frozen value, failure included.

They are coroutines: cancelling one closes what it opened. Each has its own time-outs.
"""
