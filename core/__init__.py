"""The floor under the house: the few words that bot, notify, faq and adapters share."""
