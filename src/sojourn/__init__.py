"""Sojourn: a self-hosted record of user sessions."""
