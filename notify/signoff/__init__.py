"""Sign-off (签收) of urgent documents: a plan frozen at issue, reminders until somebody signs, never one after."""
