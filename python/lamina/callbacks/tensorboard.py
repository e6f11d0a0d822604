from __future__ import annotations

import os
import time
from typing import Any

from lamina.callbacks import rates
from lamina.callbacks.callback import Callback, Logs
from lamina.utils import check


class TensorBoard(Callback):
    """Writes figures and histograms of weights for TensorBoard, by the package tensorboardX.

    In log_dir/train: `epoch_<name>` and `epoch_learning_rate` by epoch; with an `update_freq` also
    `batch_<name>` by batch.  In log_dir/validation: `epoch_<name>` by epoch, and after each
    evaluation `evaluation_<name>_vs_iterations` by the optimizer's iterations.

    Args:
        log_dir: where; for this callback alone.
        histogram_freq: every so many epochs, the weights as histograms; 0 for never.
        write_graph: accepted, and nothing is drawn (in Keras neither).
        write_images: with the histograms, the weights as pictures too.
        write_steps_per_second: with the figures of an epoch, its speed.
        update_freq: "epoch"; or a number of batches, 1 for "batch".
        profile_batch, embeddings_freq, embeddings_metadata: 0 and None (lamina has none of these).

    Errors: ImportError without tensorboardX (`pip install lamina[tensorboard]`); ValueError for
    another update_freq.
    """

    state_names = ("_batches",)

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: Any = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
    ) -> None:
        super().__init__()
        for name, value in (
            ("profile_batch", profile_batch),
            ("embeddings_freq", embeddings_freq),
            ("embeddings_metadata", embeddings_metadata),
        ):
            if value:
                raise ValueError(f"`{name}` is not supported. Received: {name}={value!r}")
        if update_freq != "epoch":
            update_freq = (
                1 if update_freq == "batch" else check.integer("update_freq", update_freq, 1)
            )
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = update_freq
        self.wants_batches = update_freq != "epoch"
        self._writer_class = _writer_class()
        self._writers: dict[str, Any] = {}
        self._batches = 0

    def _writer(self, name: str) -> Any:
        if name not in self._writers:
            self._writers[name] = self._writer_class(os.path.join(self.log_dir, name))
        return self._writers[name]

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._batches = 0

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self.update_freq == "epoch":
            return
        self._batches += 1
        if self._batches % self.update_freq == 0:
            for name, value in (logs or {}).items():
                self._writer("train").add_scalar(f"batch_{name}", value, self._batches)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._began = (int(self.model.optimizer.iterations), time.perf_counter())

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        train = {k: v for k, v in (logs or {}).items() if not k.startswith("val_")}
        train.update(rates.logged(self.model.optimizer))
        if self.write_steps_per_second:
            steps, seconds = self._began
            done = int(self.model.optimizer.iterations) - steps
            train["steps_per_second"] = done / (time.perf_counter() - seconds)
        for name, value in train.items():
            self._writer("train").add_scalar(f"epoch_{name}", value, epoch)
        for name, value in (logs or {}).items():
            if name.startswith("val_"):
                self._writer("validation").add_scalar(f"epoch_{name[4:]}", value, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        for writer in self._writers.values():
            writer.flush()

    def _write_weights(self, epoch: int) -> None:
        for weight in self.model.weights:
            values = weight.numpy()
            self._writer("train").add_histogram(f"{weight.path}/histogram", values, epoch)
            if self.write_images and values.ndim in (1, 2):
                image = values.reshape(1, -1) if values.ndim == 1 else values
                image = image.T if image.shape[0] > image.shape[1] else image
                self._writer("train").add_image(
                    f"{weight.path}/image", image, epoch, dataformats="HW"
                )

    def on_test_end(self, logs: Logs | None = None) -> None:
        if self.model.optimizer is None:
            return
        for name, value in (logs or {}).items():
            self._writer("validation").add_scalar(
                f"evaluation_{name}_vs_iterations", value, int(self.model.optimizer.iterations)
            )

    def on_train_end(self, logs: Logs | None = None) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}


def _writer_class() -> Any:
    try:
        from tensorboardX import SummaryWriter
    except ImportError as error:
        raise ImportError(
            "The TensorBoard callback needs tensorboardX: pip install lamina[tensorboard]"
        ) from error
    return SummaryWriter
