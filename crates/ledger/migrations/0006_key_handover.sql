-- A key was handed to another program because its owner said so: the one way by which it leaves other than in a call.
CREATE TABLE key_handover (
    sequence INTEGER PRIMARY KEY,
    key_id   TEXT NOT NULL,
    -- The program's name as it was called, without its arguments.
    program  TEXT NOT NULL,
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX key_handover_of_a_key ON key_handover (key_id, at);
