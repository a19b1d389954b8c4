"""Policy questions (政策咨询): the entries, how a question finds one, and how the office learns from the rest."""
