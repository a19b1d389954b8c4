"""Reception days (接访日): rules in data, booking, a reminder, and each visit a matter."""
