-- What records of one kind have in common: names, dtypes and shapes of their columns, a specimen of their JSON.
CREATE TABLE layouts (
    id       INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL,
    columns  TEXT NOT NULL,
    specimen BLOB NOT NULL
) STRICT;

-- The journal. `data` is JSON: text while it is short, deflated against the layout's specimen where it is long.
CREATE TABLE records (
    number INTEGER PRIMARY KEY,
    kind   TEXT NOT NULL,
    tick   INTEGER NOT NULL,
    time   REAL NOT NULL,
    layout INTEGER NOT NULL REFERENCES layouts (id),
    data   ANY NOT NULL,
    body   BLOB NOT NULL
) STRICT;

CREATE INDEX records_by_kind ON records (kind, number);

-- The state of all parts as it was after record `number`.
CREATE TABLE snapshots (
    number INTEGER PRIMARY KEY,
    layout INTEGER NOT NULL REFERENCES layouts (id),
    data   ANY NOT NULL,
    body   BLOB NOT NULL
) STRICT;

-- What people ask of the daemon; also written while it is down, and by any process.
CREATE TABLE commands (
    number     INTEGER PRIMARY KEY,
    verb       TEXT NOT NULL,
    owner      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    data       TEXT NOT NULL CHECK (json_valid(data)),
    expires_at REAL,
    issued_at  REAL NOT NULL
) STRICT;

-- One row for each time that somebody took the store's lock; the last row is the term in force.
CREATE TABLE terms (
    term       INTEGER PRIMARY KEY,
    owner      TEXT NOT NULL,
    pid        INTEGER NOT NULL,
    host       TEXT NOT NULL,
    claimed_at REAL NOT NULL
) STRICT;

-- `base`: number of the snapshot with which a pruned journal begins.
CREATE TABLE marks (
    name   TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT;
