"""The console: one more dialect over the core, whose wire is HTML."""
