"""Training by Adam and SGD: epochs until nothing gets better."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from lamina import optimizers
from lamina.sklearn.rows import Rows
from lamina.utils import interrupts

if TYPE_CHECKING:
    from lamina.sklearn.base import BaseMLP, Taken

LEAST_RATE = 1e-6  # of learning_rate="adaptive"


def new_optimizer(mlp: BaseMLP) -> optimizers.Optimizer:
    """The optimizer that the parameters describe."""
    rate = float(mlp.learning_rate_init)
    if mlp.solver == "adam":
        return optimizers.Adam(rate, mlp.beta_1, mlp.beta_2, mlp.epsilon)
    return optimizers.SGD(rate, float(mlp.momentum), mlp.nesterovs_momentum)


class Training:
    """One call of fit or partial_fit: epochs on the estimator's network."""

    def __init__(self, mlp: BaseMLP, taken: Taken, incremental: bool) -> None:
        self.mlp, self.incremental = mlp, incremental
        if mlp.early_stopping and incremental:
            raise ValueError(
                "`early_stopping` is for fit, which sees all epochs. Received: partial_fit with "
                "early_stopping=True"
            )
        self.validation: Taken | None = None
        chosen = np.arange(len(taken.y))
        if mlp.early_stopping:
            chosen, held_out = self._split(chosen, taken)
            self.validation = taken.part(held_out)
        self.rows = Rows(
            taken.x, taken.y, taken.weight, chosen, self._batch_size(len(chosen)),
            mlp._network.dtype, not mlp.dropout,
        )  # fmt: skip

    def _split(self, rows: np.ndarray, taken: Taken) -> list[np.ndarray]:
        """The rows to train and to validate on."""
        split: list[np.ndarray] = train_test_split(
            rows,
            random_state=self.mlp._random,
            test_size=self.mlp.validation_fraction,
            stratify=taken.strata,
        )
        if len(split[1]) < 2:
            raise ValueError(
                "Early stopping needs at least two samples to validate on: raise "
                "`validation_fraction`, or bring more samples. Received: validation_fraction="
                f"{self.mlp.validation_fraction} of {len(rows)} samples"
            )
        return split

    def _batch_size(self, count: int) -> int:
        size = self.mlp.batch_size
        if isinstance(size, str):
            return min(200, count)
        if size > count:
            warnings.warn(
                f"`batch_size` is larger than the number of samples, {count}, and is taken for that. "
                f"Received: batch_size={size}",
                stacklevel=5,
            )
        return min(int(size), count)

    # --- epochs -----------------------------------------------------------------------------------

    def run(self) -> None:
        """Trains until it is over, or until Ctrl-C, which is a warning."""
        mlp = self.mlp
        mlp.n_iter_ = 0
        try:
            with interrupts.watched():
                self._run_epochs()
        except KeyboardInterrupt:
            warnings.warn(
                f"Training was interrupted after {mlp.n_iter_} epochs; its weights are kept",
                stacklevel=4,
            )
        if self.validation is not None:
            for variable, array in zip(mlp._network.weights, mlp._best):
                variable.assign(array)

    def _run_epochs(self) -> None:
        mlp, rows = self.mlp, self.rows
        program = mlp._network.train_program(mlp._recipe(), rows.samples, rows.batch_size)
        for _ in range(1 if self.incremental else mlp.max_iter):
            if mlp.shuffle:
                rows.shuffle(mlp._random)
            mlp._network.loss.assign(0.0)
            rows.run(program)
            self._count(float(mlp._network.loss.numbers()) / len(rows.order))
            self._compare()
            self._schedule()
            if mlp._no_improvement_count > mlp.n_iter_no_change and self._is_over():
                return
        if not self.incremental:
            warnings.warn(
                f"Training went through all max_iter={mlp.max_iter} epochs, and was still getting "
                "better",
                ConvergenceWarning,
                stacklevel=6,
            )

    def _count(self, loss: float) -> None:
        """Takes the epoch's loss down."""
        mlp = self.mlp
        mlp.n_iter_ += 1
        mlp.t_ += self.rows.count
        mlp.loss_ = loss
        mlp.loss_curve_.append(loss)
        if mlp.verbose:
            print(f"Iteration {mlp.n_iter_}, loss = {loss:.8f}")

    def _compare(self) -> None:
        """Counts the epochs since the loss, or the validation score, got better by `tol`."""
        mlp = self.mlp
        if self.validation is None:
            better = not mlp.loss_ > mlp.best_loss_ - mlp.tol
            if mlp.loss_ < mlp.best_loss_:
                mlp.best_loss_ = mlp.loss_
        else:
            score = mlp._score(self.validation)
            if mlp.verbose:
                print(f"Validation score: {score:f}")
            mlp.validation_scores_.append(score)
            better = not score < mlp.best_validation_score_ + mlp.tol
            if score > mlp.best_validation_score_:
                mlp.best_validation_score_ = score
                mlp._best = [v.numpy() for v in mlp._network.weights]
        mlp._no_improvement_count = 0 if better else mlp._no_improvement_count + 1

    def _schedule(self) -> None:
        mlp = self.mlp
        if mlp.solver == "sgd" and mlp.learning_rate == "invscaling":
            self._set_rate(mlp.learning_rate_init / (mlp.t_ + 1) ** mlp.power_t)

    def _is_over(self) -> bool:
        """Whether training ends, now that nothing got better; else with a lower rate it goes on."""
        mlp = self.mlp
        what = "Training loss" if self.validation is None else "Validation score"
        said = f"{what} not better by tol={mlp.tol:g} for {mlp.n_iter_no_change} epochs: "
        lowered = mlp.solver == "sgd" and mlp.learning_rate == "adaptive"
        if lowered and mlp._rate > LEAST_RATE:
            self._set_rate(mlp._rate / 5.0)
            mlp._no_improvement_count = 0
            said += f"the learning rate is now {mlp._rate:g}"
        else:
            said += "training ends"
            lowered = False
        if mlp.verbose:
            print(said)
        return not lowered

    def _set_rate(self, rate: Any) -> None:
        optimizer = self.mlp._network.optimizer
        assert optimizer is not None
        self.mlp._rate = optimizer.learning_rate = float(rate)
