"""The public notices as RSS 2.0 (rssboard.org/rss-specification). Pure."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from notify.publicity.public import NoticeLine


def rss(office: str, url: str, items: Sequence[NoticeLine], built: datetime) -> str:
    """The feed. ``url`` is the public address, empty when there is none: then links are paths. ``built``: now."""
    updated = max((item.published_at for item in items), default=built)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0"><channel>',
        f"<title>{escape(office)}</title>",
        f"<link>{escape(url)}/n</link>",
        f"<description>{escape(office)}</description>",
        "<language>zh-CN</language>",
    ]
    lines.append(f"<lastBuildDate>{format_datetime(updated)}</lastBuildDate>")
    lines += [_item(url, item) for item in items]
    return "\n".join([*lines, "</channel></rss>", ""])


def _item(url: str, item: NoticeLine) -> str:
    period = f"{item.starts_on}–{item.ends_on}" if item.starts_on and item.ends_on else ""
    told = " ".join(part for part in (item.number, item.programme, item.area, period) if part)
    return (
        f"<item><title>{escape(item.title)}</title><link>{escape(url)}/n/{item.id}</link>"
        f'<guid isPermaLink="false">{item.id}</guid><pubDate>{format_datetime(item.published_at)}</pubDate>'
        f"<description>{escape(told)}</description></item>"
    )
