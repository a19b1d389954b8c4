"""Writes ``deploy/grafana.json``, a Grafana dashboard over our own metrics: ``python -m tools.make_dashboard``.

A test compares every metric named here with those the program has, so the dashboard never shows an empty panel for
a name that is gone.
"""

import json
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "deploy" / "grafana.json"
PANELS: tuple[tuple[str, str, str, str], ...] = (
    (
        "Messages waiting",
        "sum by (channel, lane) (sunline_outbox_depth{state='queued'})",
        "short",
        "{{channel}} {{lane}}",
    ),
    ("Oldest message due", "max by (lane) (sunline_outbox_oldest_seconds)", "s", "{{lane}}"),
    (
        "Sent per second",
        "sum by (channel, state) (rate(sunline_outbox_outcomes_total[5m]))",
        "ops",
        "{{channel}} {{state}}",
    ),
    (
        "Provider's answer, 95th percentile",
        "histogram_quantile(0.95, sum by (channel, le) (rate(sunline_provider_seconds_bucket[5m])))",
        "s",
        "{{channel}}",
    ),
    (
        "Uncertain and under way",
        "sum by (state) (sunline_outbox_depth{state=~'uncertain|sending'})",
        "short",
        "{{state}}",
    ),
    ("Latest overdue timer", "max(sunline_timer_late_seconds)", "s", "late"),
    ("Alarms in an hour", "sum by (alarm) (increase(sunline_alarms_total[1h]))", "short", "{{alarm}}"),
    ("Memory of each process", "process_resident_memory_bytes{job='sunline'}", "bytes", "{{instance}}"),
)
"""Title, query, unit, legend."""
_WIDTH, _HEIGHT, _COLUMNS = 12, 8, 2
_SOURCE = {"type": "prometheus", "uid": "${source}"}


def dashboard() -> dict[str, Any]:
    """The whole dashboard, as Grafana imports it."""
    return {
        "title": "Sunline",
        "uid": "sunline",
        "tags": ["sunline"],
        "timezone": "browser",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [{"name": "source", "type": "datasource", "query": "prometheus"}]},
        "panels": [_panel(place, *panel) for place, panel in enumerate(PANELS)],
    }


def _panel(place: int, title: str, query: str, unit: str, legend: str) -> dict[str, Any]:
    row, column = divmod(place, _COLUMNS)
    return {
        "id": place + 1,
        "type": "timeseries",
        "title": title,
        "datasource": _SOURCE,
        "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [{"refId": "A", "datasource": _SOURCE, "expr": query, "legendFormat": legend}],
    }


def text() -> str:
    """The file's content."""
    return json.dumps(dashboard(), indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
