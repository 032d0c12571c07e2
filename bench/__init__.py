"""Benchmarks: the product beside a bare floor, in pairs, in one run. Never part of a test's verdict."""
