"""The channel contract: one suite that runs over every channel there is."""
