"""Citizen pages: the web chat and, in the demo, the pretend phone network."""
