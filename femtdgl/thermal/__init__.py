"""Lumped thermal parts: links, sinks, photonic circuits and their networks.  No finite elements here."""
