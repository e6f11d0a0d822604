"""The config of every class with its defaults, as Keras writes it, and reads it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .case import Case, Keras, Record
from .saving import through_json

CLASSES = {
    "constraints": "MaxNorm NonNeg UnitNorm",
    "initializers": "Constant GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform "
    "Ones RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros",
    "layers": "Activation BatchNormalization Dense Dropout Flatten GroupNormalization "
    "LayerNormalization Normalization Permute RMSNormalization RepeatVector Rescaling Reshape "
    "UnitNormalization UpSampling1D",
    "losses": "BinaryCrossentropy BinaryFocalCrossentropy CategoricalCrossentropy "
    "CategoricalFocalCrossentropy CategoricalGeneralizedCrossEntropy CategoricalHinge Circle Dice "
    "Hinge KLDivergence LogCosh MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError "
    "MeanSquaredLogarithmicError Poisson SquaredHinge Tversky",
    "metrics": "AUC Accuracy BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy "
    "CategoricalCrossentropy ConcordanceCorrelation F1Score FBetaScore FalseNegatives "
    "FalsePositives IoU Mean MeanAbsoluteError MeanIoU MeanSquaredError OneHotIoU "
    "OneHotMeanIoU PearsonCorrelation Precision PrecisionAtRecall R2Score Recall "
    "RecallAtPrecision RootMeanSquaredError SensitivityAtSpecificity "
    "SparseCategoricalAccuracy SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy "
    "SpecificityAtSensitivity Sum TopKCategoricalAccuracy TrueNegatives TruePositives",
    "optimizers": "RMSprop",
    "regularizers": "L1 L1L2 L2",
}
NEEDED: dict[str, dict[str, Any]] = {
    "Activation": {"activation": "relu"},
    "Dense": {"units": 3},
    "Dropout": {"rate": 0.25},
    "GroupNormalization": {"groups": 1},
    "IoU": {"num_classes": 2, "target_class_ids": [0]},
    "MeanIoU": {"num_classes": 2},
    "OneHotIoU": {"num_classes": 2, "target_class_ids": [0]},
    "OneHotMeanIoU": {"num_classes": 2},
    "Permute": {"dims": (2, 1)},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "RepeatVector": {"n": 2},
    "Rescaling": {"scale": 2.0},
    "Reshape": {"target_shape": (2, 2)},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
}


def _family(family: str) -> Callable[[Keras], Record]:
    def run(k: Keras) -> Record:
        found: Record = {}
        for name in CLASSES[family].split():
            k.utils.clear_session()
            made = getattr(getattr(k, family), name)(**NEEDED.get(name, {}))
            entry = through_json(k, made)
            again = through_json(k, k.saving.deserialize_keras_object(entry))
            found[name] = {"entry": entry, "again": again == entry}
        return found

    return run


CASES = [Case("entries", family, _family(family), rtol=1e-7) for family in CLASSES]
