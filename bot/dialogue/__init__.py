"""Conversations as pure functions: what was heard and remembered in, what to say, remember and do out."""
