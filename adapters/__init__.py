"""Channels: one file for each way to reach people. Nothing outside imports a provider's library."""
