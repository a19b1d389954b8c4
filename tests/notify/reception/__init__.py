"""Tests of reception days."""
