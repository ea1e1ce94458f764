"""What a desk works on: flows of steps, what a visit has got done so far, and its evidence."""
