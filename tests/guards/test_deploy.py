"""What stands in ``deploy/`` speaks of this program: its metrics, its commands, its settings."""

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY
from pydantic_settings import BaseSettings

from notify.outbox import metrics
from tools import make_dashboard
from tools.write_settings_doc import page

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
METRIC = re.compile(r"\bsunline_[a-z_]+")
SETTING = re.compile(r"\bSUNLINE_[A-Z_]+")


def _metrics() -> set[str]:
    assert metrics.DEPTH
    names: set[str] = set()
    for family in REGISTRY.collect():
        names |= {family.name, f"{family.name}_total", f"{family.name}_bucket"}
    return names


@pytest.mark.parametrize("name", ["grafana.json", "sunline-alerts.yaml"])
def test_every_metric_that_is_watched_exists(name: str) -> None:
    named = set(METRIC.findall((DEPLOY / name).read_text("utf-8")))
    assert named
    assert named <= _metrics()


def test_the_dashboard_is_what_its_tool_writes() -> None:
    assert (DEPLOY / "grafana.json").read_text("utf-8") == make_dashboard.text()
    assert len(json.loads(make_dashboard.text())["panels"]) == len(make_dashboard.PANELS)


def test_every_setting_named_is_one_the_program_reads() -> None:
    assert BaseSettings
    known = set(SETTING.findall(page()))
    named = {
        setting for path in DEPLOY.rglob("*") if path.is_file() for setting in SETTING.findall(path.read_text("utf-8"))
    }
    assert named
    assert named <= known


@pytest.mark.parametrize("name", ["compose.yaml", "prometheus.yaml", "sunline-alerts.yaml"])
def test_the_files_can_be_read(name: str) -> None:
    assert yaml.safe_load((DEPLOY / name).read_text("utf-8"))


def test_no_secret_stands_in_them() -> None:
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            assert not re.search(r"(SECRET_KEY|PASSWORD|TOKEN)=[^\s…$]", path.read_text("utf-8")), path.name
