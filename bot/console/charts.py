"""Charts as SVG, drawn on the server. Pure: figures and names in, a picture out.

The picture never stands alone: the same figures are a table below it and a file. Colours are told apart by lightness,
not by hue alone, in the light and in the dark scheme.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

WIDTH, HEIGHT = 720, 340
_LIGHT = ("#14579e", "#e39b00", "#b3261e", "#5f8f3c", "#6b5b95", "#7a7a7a")
_DARK = ("#8bbcf5", "#ffc94a", "#ff9d94", "#a5d389", "#c3b1ea", "#c0c0c0")
_TONES = {"red": ("#b3261e", "#ff9d94"), "yellow": ("#e39b00", "#ffc94a")}
_ROOM = 8
"""Characters of a name beside a lying bar."""
_FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif'


@dataclass(frozen=True, slots=True)
class Series:
    """One row of figures with its name; None where there is nothing to tell. ``tone`` red or yellow: a lamp."""

    name: str
    values: Sequence[float | None]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures to draw and to list.

    ``kind`` is bar, stacked, line or across (bars lying, for names that are long); ``percent``: the values are shares
    between 0 and 1, drawn and written as per cent.
    """

    key: str
    kind: str
    labels: Sequence[str]
    series: Sequence[Series]
    percent: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for one in self.series for value in one.values)

    def rows(self, head: str) -> list[list[str]]:
        """The figures as a table, its heads first."""
        body = [[label, *(self.written(one.values[at]) for one in self.series)] for at, label in enumerate(self.labels)]
        return [[head, *(one.name for one in self.series)], *body]

    def written(self, value: float | None) -> str:
        """One figure as people read it."""
        if value is None:
            return "—"
        return f"{value * 100:.1f}%" if self.percent else f"{value:g}"


def svg(chart: Chart, title: str, no_data: str, *, dark: bool) -> bytes:
    """The picture."""
    pygal = _library()
    ink, soft, line = ("#e9ecf1", "#aab4c1", "#303a48") if dark else ("#1c2430", "#55606e", "#dcd8cc")
    style = pygal.style.Style(
        background="transparent",
        plot_background="transparent",
        foreground=soft,
        foreground_strong=ink,
        foreground_subtle=line,
        colors=_colours(chart, dark=dark),
        value_colors=() if len(chart.series) > 1 else (("#0c1d33" if dark else "#fff"),),
        font_family=_FONT,
        opacity=".95",
        label_font_size=12,
        major_label_font_size=12,
        legend_font_size=13,
        title_font_size=15,
        no_data_font_size=18,
        value_font_size=11,
        value_label_font_size=11,
        guide_stroke_color=line,
        major_guide_stroke_color=line,
    )
    several = len(chart.series) > 1
    drawn = _of_kind(pygal, chart)(
        style=style,
        width=WIDTH,
        height=_height(chart),
        js=[],
        disable_xml_declaration=True,
        title=title,
        show_legend=several,
        legend_at_bottom=True,
        legend_at_bottom_columns=4,
        legend_box_size=12,
        margin=12,
        margin_bottom=34 if several else 12,
        rounded_bars=2,
        no_data_text=no_data,
        truncate_legend=20,
        x_label_rotation=30 if _crowded(chart) else 0,
        truncate_label=9 if chart.kind == "across" else 14,
        show_minor_x_labels=False,
        min_scale=3,
        include_x_axis=True,
        range=(0, 1) if chart.percent else None,
        dots_size=3,
        stroke_style={"width": 3},
        print_values=len(chart.labels) <= 8,
        print_values_position="top" if several else "center",
    )
    drawn.value_formatter = chart.written if chart.percent else (lambda value: f"{value:g}" if value else "")
    drawn.x_labels = [_short(label) for label in chart.labels] if chart.kind == "across" else list(chart.labels)
    drawn.x_labels_major = list(chart.labels)[:: max(1, len(chart.labels) // 10)] if chart.kind != "across" else None
    if chart.kind == "across":
        drawn.show_minor_x_labels = True
    for one in [] if chart.empty else chart.series:
        drawn.add(one.name, list(one.values))
    drawn.add_xml_filter(_without_scripts)
    return str(drawn.render()).encode()


def _without_scripts(root: Any) -> Any:
    """The picture without the script the library puts in for its tool tips."""
    for parent in list(root.iter()):
        for child in [one for one in parent if str(one.tag).endswith("script")]:
            parent.remove(child)
    return root


@cache
def _library() -> Any:
    """pygal, loaded when the first chart is drawn: it takes 12 MB that most processes never need.

    It leaves an old-style finder for its plug-ins among Python's importers, which makes every later import complain;
    we use no plug-in, so the finder goes.
    """
    import pygal
    import pygal.style

    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]
    return pygal


def _of_kind(pygal: Any, chart: Chart) -> Any:
    return {
        "bar": pygal.Bar,
        "stacked": pygal.StackedBar,
        "line": pygal.Line,
        "across": pygal.HorizontalBar,
    }[chart.kind]


def _colours(chart: Chart, *, dark: bool) -> tuple[str, ...]:
    """A colour for each series: its lamp's, else the next of the row."""
    row = iter(_DARK if dark else _LIGHT)
    return tuple(_TONES[one.tone][dark] if one.tone else next(row) for one in chart.series) or _LIGHT


def _short(label: str) -> str:
    """A name that fits beside a lying bar."""
    return label if len(label) <= _ROOM else label[: _ROOM - 1] + "…"


def _crowded(chart: Chart) -> bool:
    return chart.kind != "across" and len(chart.labels) > 8


def _height(chart: Chart) -> int:
    return max(HEIGHT, 80 + 34 * len(chart.labels)) if chart.kind == "across" else HEIGHT
