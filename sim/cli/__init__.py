"""Subcommands that need the simulator: simulate, market, demo. Found by entry point; nothing here is imported early."""
