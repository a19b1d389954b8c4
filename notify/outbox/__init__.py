"""The outbox: rows first, sends later, nothing lost and nothing twice."""
