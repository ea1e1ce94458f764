"""Stills of cards, faces and papers: brought in pieces, read safely, checked, turned and cut.

Whatever decodes a picture runs in a process of its own (`workers.Examiner`); the server's process
never looks into bytes that a visitor sent.
"""
