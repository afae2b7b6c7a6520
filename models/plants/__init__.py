"""Plants: markets as arrays, one kind a file; the file's name is the kind. Parts shared by kinds lie in parts/."""
