"""Scores, significance, alignment quality, and the reports."""
