"""Who was logged in on this workstation: read from its own records, told to the server."""
