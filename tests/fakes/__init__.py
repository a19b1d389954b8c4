"""Faithful stand-ins of providers, speaking real HTTP on loopback."""
