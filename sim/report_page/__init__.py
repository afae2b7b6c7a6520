"""The evidence as one HTML document that opens from a disk, asks no network, and is read by people without theory."""
