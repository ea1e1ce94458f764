"""Speech files of the headless booth; README.md says how they were made."""
