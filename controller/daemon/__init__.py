"""The daemon: a loop on real time, its operators' commands, its health, its death."""
