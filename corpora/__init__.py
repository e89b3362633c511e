"""Texts: reading, cleaning, normalising, segmenting and aligning them, and the bitext formats."""
