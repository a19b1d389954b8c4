"""One file for each channel, named like the channel in ``CHANNELS``, defining ``CASE``."""
