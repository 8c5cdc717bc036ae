"""Layers that crop, pad and enlarge."""
