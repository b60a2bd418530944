"""Assemble once, solve one coupled implicit system, locate the slips."""
