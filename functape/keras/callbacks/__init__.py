"""Keras's callbacks (`tf.keras.callbacks`). Each loads on first touch."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {
    "BackupAndRestore": "functape.keras.callbacks._backup:BackupAndRestore",
    "CSVLogger": "functape.keras.callbacks._loggers:CSVLogger",
    "Callback": "functape.keras.callbacks._callback:Callback",
    "CallbackList": "functape.keras.callbacks._callback_list:CallbackList",
    "EarlyStopping": "functape.keras.callbacks._stopping:EarlyStopping",
    "History": "functape.keras.callbacks._callback:History",
    "LambdaCallback": "functape.keras.callbacks._loggers:LambdaCallback",
    "LearningRateScheduler": "functape.keras.callbacks._rates:LearningRateScheduler",
    "ModelCheckpoint": "functape.keras.callbacks._checkpoint:ModelCheckpoint",
    "ProgbarLogger": "functape.keras.callbacks._progress:ProgbarLogger",
    "ReduceLROnPlateau": "functape.keras.callbacks._rates:ReduceLROnPlateau",
    "RemoteMonitor": "functape.keras.callbacks._loggers:RemoteMonitor",
    "SwapEMAWeights": "functape.keras.callbacks._averages:SwapEMAWeights",
    "TensorBoard": "functape.keras.callbacks._tensorboard:TensorBoard",
    "TerminateOnNaN": "functape.keras.callbacks._stopping:TerminateOnNaN",
}
__getattr__ = lazy(__name__, _LAZY, list)
