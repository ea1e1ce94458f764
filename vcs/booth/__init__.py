"""A booth: its enrolment, and a booth without a browser."""
