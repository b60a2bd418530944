"""Lumped thermal parts: links, sinks, photonic circuits and the networks made of them.  No finite elements here."""
