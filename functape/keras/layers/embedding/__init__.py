"""Layers of looked-up rows."""
