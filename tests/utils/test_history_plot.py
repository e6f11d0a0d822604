"""The drawing of a history: what stands where, the smooth curve, and the files."""

from __future__ import annotations

import io
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamina.callbacks import History

mpl = pytest.importorskip("matplotlib")

from lamina.utils import history_plot  # noqa: E402

COLOURS = {"training": "#F8766D", "validation": "#00BFC4"}


def history(epochs: int, names: tuple[str, ...] = ("loss", "accuracy"), every: int = 1) -> History:
    """Losses that fall and accuracies that rise, with noise."""
    random = np.random.default_rng(0)
    history = History()
    history.set_params({"verbose": 0, "epochs": epochs, "steps": 1})
    for i in range(epochs):
        logs = {name: math.exp(-i / 5) + 0.01 * random.normal() for name in sorted(names)}
        if (i + 1) % every == 0:
            logs |= {f"val_{name}": value + 0.1 for name, value in logs.items()}
        history.on_epoch_end(i, logs)
    return history


def lines(panel: Any) -> dict[str, list[Any]]:
    """The lines of a panel by their colour: the curve and the points."""
    return {
        data: [line for line in panel.lines if line.get_color() == colour]
        for data, colour in COLOURS.items()
    }


def png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def test_one_panel_per_metric_with_the_loss_on_top() -> None:
    figure = history(30, ("accuracy", "loss", "mae")).plot()
    assert [panel.get_ylabel() for panel in figure.axes] == ["loss", "accuracy", "mae"]
    assert [panel.get_xlabel() for panel in figure.axes] == ["", "", "epoch"]
    tops = [panel.get_position().y1 for panel in figure.axes]
    assert tops == sorted(tops, reverse=True)


def test_points_are_the_values_at_epochs_from_one() -> None:
    kept = history(30, every=5)
    points = lines(kept.plot().axes[0])
    for data, name, epochs in (
        ("training", "loss", range(1, 31)),
        ("validation", "val_loss", range(5, 31, 5)),
    ):
        x, y = points[data][1].get_data()
        assert list(x) == list(epochs)
        assert list(y) == kept.history[name]


@pytest.mark.parametrize(
    ("epochs", "smooth", "curved"), [(10, True, True), (9, True, False), (30, False, False)]
)
def test_curve_is_smooth_from_ten_values_on(epochs: int, smooth: bool, curved: bool) -> None:
    curve, points = lines(history(epochs).plot(smooth=smooth).axes[0])["training"]
    assert (len(curve.get_xdata()) > epochs) is curved
    if not curved:
        np.testing.assert_array_equal(curve.get_xydata(), points.get_xydata())


def test_curve_does_not_smooth_what_stands_still() -> None:
    kept = History()
    for i in range(20):
        kept.on_epoch_end(i, {"lr": 0.1 if i < 10 else 0.01})
    (curve, points) = lines(kept.plot().axes[0])["training"]
    np.testing.assert_array_equal(curve.get_xydata(), points.get_xydata())


def test_curve_keeps_to_the_values() -> None:
    curve = lines(history(30).plot().axes[0])["training"][0]
    x, y = curve.get_data()
    assert (x[0], x[-1]) == pytest.approx((1, 30))
    np.testing.assert_allclose(y, np.exp(-(x - 1) / 5), atol=0.05)


def test_smooth_curve_is_exact_on_a_line() -> None:
    x = np.array([0.0, 1.0, 3.0, 4.0, 7.0, 9.0])
    at = np.array([0.0, 0.5, 5.0, 9.0])
    np.testing.assert_allclose(history_plot.smooth_curve(x, 2 - 3 * x, at, 4), 2 - 3 * at)


def test_smooth_curve_is_the_weighted_least_squares_line() -> None:
    random = np.random.default_rng(1)
    x = np.sort(random.uniform(0, 10, 15))
    y, at, nearest = random.normal(size=15), np.array([0.0, 4.2, 10.0]), 7
    expected = []
    for place in at:
        distance = np.abs(x - place)
        reach = sorted(distance)[nearest - 1]
        weight = np.where(distance < reach, (1 - (distance / reach) ** 3) ** 3, 0.0)
        expected.append(np.polyval(np.polyfit(x, y, 1, w=np.sqrt(weight)), place))
    np.testing.assert_allclose(history_plot.smooth_curve(x, y, at, nearest), expected)


def test_smooth_curve_looks_no_further_than_it_may() -> None:
    """Where more than four values are within, the others change nothing; else the nearest four count."""
    x = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 2.0, 3.0, 4.0, 4.1])
    y, at = np.sin(3 * x), np.array([0.2, 2.0])
    far = y.copy()
    far[5:] += 100.0
    first, second = history_plot.smooth_curve(x, y, at, 9, furthest=0.5)
    assert history_plot.smooth_curve(x, far, at, 9, furthest=0.5)[0] == first
    assert second == pytest.approx(history_plot.smooth_curve(x, y, at[1:], 4)[0])


def test_curve_follows_the_first_epochs() -> None:
    """They change the fastest: a loss that halves and halves is drawn within a tenth of its fall."""
    loss = 0.4 / np.arange(1, 31)
    at, curve = history_plot._smoothed(np.arange(1.0, 31.0), loss)
    assert np.abs(np.interp([1, 2, 3], at, curve) - loss[:3]).max() < 0.02


@pytest.mark.parametrize("epochs", [1, 2, 5, 30, 400])
def test_ticks_are_whole_epochs(epochs: int) -> None:
    figure = history(epochs).plot()
    png(figure)
    low, high = figure.axes[-1].get_xlim()
    ticks = [tick for tick in figure.axes[-1].get_xticks() if low <= tick <= high]
    assert ticks
    assert all(tick == int(tick) for tick in ticks)
    assert low < 1
    assert high > epochs


def test_legend_names_the_data_once() -> None:
    legends = [panel.get_legend() for panel in history(30).plot().axes]
    assert [text.get_text() for text in legends[0].get_texts()] == ["training", "validation"]
    assert legends[1] is None


@pytest.mark.parametrize("epochs", [5, 400])
def test_no_legend_without_validation(epochs: int) -> None:
    (panel,) = history(epochs, ("loss",), every=1000).plot().axes
    assert panel.get_legend() is None


def test_metrics_choose_the_panels() -> None:
    kept = history(3, ("accuracy", "loss", "mae"))
    chosen = kept.plot(metrics=["mae", "loss"])
    assert [panel.get_ylabel() for panel in chosen.axes] == ["mae", "loss"]
    assert [panel.get_ylabel() for panel in kept.plot("mae").axes] == ["mae"]


@pytest.mark.parametrize("metrics", [["auc"], "val_loss", []])
def test_unknown_metric_is_refused(metrics: Any) -> None:
    with pytest.raises(ValueError, match=r"metrics must be among \['loss', 'accuracy'\]"):
        history(3).plot(metrics=metrics)


def test_nothing_to_plot_is_refused() -> None:
    with pytest.raises(ValueError, match="no epoch yet"):
        History().plot()


@pytest.mark.parametrize("values", [[math.nan] * 3, [1.0, math.nan, math.inf]])
def test_values_that_are_not_finite_are_left_out(values: list[float]) -> None:
    kept = History()
    kept.history = {"loss": values}
    figure = kept.plot()
    assert len(png(figure)) > 1000
    drawn = [y for line in figure.axes[0].lines for y in line.get_ydata()]
    assert all(math.isfinite(y) for y in drawn)


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".SVG", b"<?xml")])
def test_file(suffix: str, start: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"curves{suffix}"
    path.write_text("old")
    history(3).plot(path=path)
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["curves", "curves.txt"])
def test_file_of_unknown_format_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=rf"path must end in one of .*'png'.*{name}'"):
        history(3).plot(path=str(tmp_path / name))
    assert not list(tmp_path.iterdir())


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(figure: Any, path: Path, **options: Any) -> None:
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(history_plot.Figure, "savefig", fail)
    path = tmp_path / "curves.png"
    path.write_text("old")
    with pytest.raises(OSError, match="disk full"):
        history(3).plot(path=path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        history(3).plot(path=tmp_path / "none" / "curves.png")


def test_the_users_matplotlib_is_left_alone() -> None:
    kept = history(12)
    plain = png(kept.plot())
    with mpl.rc_context({"axes.facecolor": "black", "font.size": 30, "lines.marker": "x"}):
        before = mpl.rcParams.copy()
        assert png(kept.plot()) == plain
        assert dict.__eq__(mpl.rcParams, before)


def test_pyplot_is_not_used() -> None:
    code = (
        "import sys; from lamina.callbacks import History; kept = History(); "
        "kept.history = {'loss': [2.0, 1.0]}; kept.plot()._repr_png_(); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_notebook_gets_a_picture_at_half_its_pixels() -> None:
    figure = history(3).plot()
    data, size = figure._repr_png_()
    pixels = int.from_bytes(data[16:20], "big")
    assert size == {"width": pixels // 2}
