"""`deskhand doctor`: asks an installation and its vendors what is wrong, and says what to do about each."""
