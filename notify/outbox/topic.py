"""What a dispatcher's bell listens to."""

TOPIC = "outbox"
