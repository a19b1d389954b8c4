"""Subsidy publicity and mass alerts: notices, their lists, sending, and what comes after (PRODUCT 4)."""
