"""Measures the rows of speed and size beside their peers, in the same run on the same machine."""
