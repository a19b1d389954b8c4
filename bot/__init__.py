"""Conversations: automatic first, a person second; and the pages people see."""
