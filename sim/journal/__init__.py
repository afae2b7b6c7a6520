"""The journal as tables, for those who analyse."""
