"""An officer at a desk: its state and commands."""
