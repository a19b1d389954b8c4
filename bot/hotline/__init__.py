"""Hotline matters (诉求): from a citizen's words to an answer in time. See docs/hotline.md."""
