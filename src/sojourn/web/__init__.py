"""HTTP without a dialect: wire, errors, access, limits, the description of the API, the log."""
