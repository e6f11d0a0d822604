"""A model with an optimizer, losses and metrics, and the steps made of them."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lamina import ops, optimizers, tree
from lamina.graph.differentiate import gradients
from lamina.graph.trace import current_trace
from lamina.graph.variable import Variable
from lamina.models.intake import unpack_x_y_sample_weight
from lamina.models.predictor import Predictor
from lamina.utils import check

if TYPE_CHECKING:
    from lamina.metrics import Metric
    from lamina.models.compiled import Objective

NAN_POLICIES = ("raise", "stop", "ignore")


class Compilable(Predictor):
    """A model that `compile` gives an optimizer, losses and metrics.

    Its steps may be overridden; each is recorded once, on symbolic tensors.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.compiled = False
        self._compile_config: dict[str, Any] = {}
        self._optimizer: optimizers.Optimizer | None = None
        self._trained: list[Variable] | None = None
        self.step_recorded: Callable[[], None] | None = None  # called before an eager step assigns

    # --- compile ----------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
        nan_policy: str = "raise",
    ) -> None:
        """Chooses optimizer, losses and metrics for training.

        For several outputs, `loss`, `loss_weights`, `metrics` and `weighted_metrics` are lists with
        an entry for each output, or dicts by the outputs' names; a single loss counts for all.

        Args:
            optimizer: a name or an Optimizer.
            loss: a name, a Loss, or a function `(y_true, y_pred)` made of `lamina.ops`.
            loss_weights: a number the loss is multiplied by.
            metrics, weighted_metrics: lists of names, Metrics or functions; the weighted ones take
                sample_weight into account.
            run_eagerly: run operation by operation in Python, on real numbers, for debugging.
            steps_per_execution, jit_compile, auto_scale_loss: accepted as in Keras.  Steps always
                run natively, many at a time.
            nan_policy: what `fit` does when the loss is NaN or infinite: it takes the first such
                step back and ends with a FloatingPointError ("raise") or a warning ("stop"); or
                trains on as Keras does ("ignore").

        Errors: ValueError for an unknown name, or metrics that are not a list, tuple or dict.
        """
        from lamina.models import compiled, figures  # and with them all losses and metrics

        check.integer("steps_per_execution", steps_per_execution, 1)
        if nan_policy not in NAN_POLICIES:
            raise ValueError(
                f"`nan_policy` must be one of {NAN_POLICIES}. Received: nan_policy={nan_policy!r}"
            )
        self._nan_policy = nan_policy
        self._objective = compiled.Objective(loss, loss_weights)
        self._reports = compiled.Reports(metrics, weighted_metrics, self._objective)
        self._figures = figures.Figures(self)
        self._optimizer = optimizers.get(optimizer)
        self._compile_loss = loss
        self._compile_config = {
            "optimizer": self._optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }
        self.run_eagerly = bool(run_eagerly)
        self.compiled = True
        self._forget_programs()

    def get_compile_config(self) -> dict[str, Any]:
        """What compile was told, as `compile_from_config` reads it; empty before compile."""
        from lamina.serialization.serialize import serialize_keras_object

        config: dict[str, Any] = serialize_keras_object(self._compile_config)
        return config

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles as `get_compile_config` says.

        A class with a `compile` of its own is left uncompiled, with a warning, unless it has a
        `compile_from_config` of its own too.
        """
        if type(self).compile is not Compilable.compile:
            warnings.warn(
                "`compile()` was not called: this class has its own, and must then override "
                "`get_compile_config()` and `compile_from_config(config)` too, or be compiled after "
                "loading.",
                stacklevel=2,
            )
            return
        from lamina.serialization.deserialize import deserialize_keras_object

        self.compile(**deserialize_keras_object(config))
        if self.built:
            self.optimizer.build(self.trainable_variables)

    def _require_compiled(self) -> None:
        if not self.compiled:
            raise ValueError("You must call `compile()` before using the model.")

    @property
    def optimizer(self) -> Any:
        """The optimizer; None before compile."""
        return self._optimizer

    @property
    def loss(self) -> Any:
        """The loss as compile was given it."""
        return self._compile_loss if self.compiled else None

    @property
    def objective(self) -> Objective:
        """The losses of compile."""
        return self._objective

    @property
    def figures(self) -> Any:
        """What steps report."""
        return self._figures

    @property
    def has_objective(self) -> bool:
        """Whether compile was given a loss: then targets are nested like the outputs."""
        return self.compiled and not self._objective.is_empty

    # --- metrics ----------------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Metric]:
        """The loss's mean, the metrics of compile once their shapes are known, and the model's own."""
        own = list(self._own_metrics)
        for layer in self._flatten()[1:]:
            if not isinstance(layer, Compilable):
                own += layer._own_metrics
        return list(self._reports.named(own).values()) if self.compiled else own

    @property
    def named_metrics(self) -> dict[str, Metric]:
        """The metrics by the names they are reported under."""
        if type(self).metrics is not Compilable.metrics:
            return {metric.name: metric for metric in self.metrics}
        compiled = self._reports.named() if self.compiled else {}
        known = {id(metric) for metric in compiled.values()}
        own = [metric for metric in self.metrics if id(metric) not in known]
        return self._reports.named(own) if self.compiled else {m.name: m for m in own}

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order."""
        return list(self.named_metrics)

    def reset_metrics(self) -> None:
        """Starts the loss and metrics anew."""
        for metric in self.named_metrics.values():
            metric.reset_state()

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Takes a batch into the metrics of compile, and returns all figures; may be overridden."""
        self._reports.update(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> Any:
        """The figures of all metrics by name."""
        from lamina.models.compiled import Results

        results = Results(self.named_metrics)
        return results if current_trace() is not None else dict(results)

    # --- steps ------------------------------------------------------------------------------------

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The number that a step minimises; to be overridden for other objectives."""
        if y is not None:
            self._objective.resolve(self._known("outputs"))
        return self._objective(y, y_pred, sample_weight, self.losses)

    def _compute_loss(self, x: Any, y: Any, y_pred: Any, weight: Any, training: bool) -> Any:
        """compute_loss, for overriding methods that do not know `training` too."""
        named = {"x": x, "y": y, "y_pred": y_pred, "sample_weight": weight}
        if training_is_known(type(self).compute_loss):
            named["training"] = training
        loss = self.compute_loss(**named)
        rows = ops.count(tree.flatten(y_pred)[0], axes=(0,))
        self._reports.loss.update_state(loss, sample_weight=rows)
        return loss

    def train_step(self, data: Any) -> Any:
        """One step on a batch `data`: returns figures by name.

        `data` is what the step is given: (x, y, sample_weight), (x, y), or x alone.

        A method that overrides this one is written in `lamina.ops` and recorded once:

            x, y, sample_weight = lamina.utils.unpack_x_y_sample_weight(data)
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight)
            gradients = lamina.gradients(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            return {"loss": loss}
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=True)
        loss = self._compute_loss(x, y, y_pred, sample_weight, True)
        variables = self.trained_variables
        scaled = self.optimizer.scale_loss(loss)
        self.optimizer.apply(gradients(scaled, variables), variables)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> Any:
        """The evaluation of a batch: returns figures by name; may be overridden as `train_step`."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        self._compute_loss(x, y, y_pred, sample_weight, False)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def check_targets(self, y: Any) -> None:
        """Refuses targets that do not fit the losses and the outputs."""
        if self.has_objective:
            self._objective.check_targets(y, self._known("outputs"))

    # --- programs ---------------------------------------------------------------------------------

    def _forget_programs(self) -> None:
        super()._forget_programs()
        self._trained = None

    @property
    def trained_variables(self) -> list[Variable]:
        """What steps change: the variables that were trainable in the first step since compile."""
        if self._trained is None:
            self._trained = self.trainable_variables
        return self._trained


@functools.lru_cache
def training_is_known(method: Any) -> bool:
    """Whether a method takes `training`."""
    return "training" in inspect.signature(method).parameters
