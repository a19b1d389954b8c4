"""Kinds of message: one file each."""
