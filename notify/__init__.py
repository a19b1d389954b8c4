"""Messages on their way out: outbox, kinds, timers, notices."""
