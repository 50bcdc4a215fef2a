"""The endpoint agent: measures browsing sessions on this machine and delivers them.

A guest in this package: of Sojourn it knows the nouns of `core.measurement` and `core.report`, and
of the server only the native wire.
"""
