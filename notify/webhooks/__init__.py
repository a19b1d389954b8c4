"""Other systems are told of every change: the audit trail, sealed, goes to those who asked for it, in its order."""
