"""`tf.nn.experimental`: dropout by a seed or a sampler."""

from functape._api._nn_choosing import general_dropout, stateless_dropout

__all__ = ["general_dropout", "stateless_dropout"]
