"""What is wrong with a set-up: each examination yields findings, and changes nothing."""
