"""The dialects: each a mounted app with its own routes, wire and error table."""
