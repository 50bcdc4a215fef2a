"""Pictures: pure functions from nouns of the core to SVG, without a style attribute, coloured by classes."""
