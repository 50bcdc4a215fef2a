"""The core: nouns and rules. Standard library only."""
