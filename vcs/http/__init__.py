"""The doors: pages, sign-in, enrolment, and the two signalling sockets."""
