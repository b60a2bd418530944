"""What every problem file is made of, whatever its kind: strict sections."""
