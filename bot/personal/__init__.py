"""What is kept about a person: handed out, erased, forgotten in time. One table of holdings for all three."""
