-- Uses of metered features that the platform has not counted yet. A row goes when it has.
CREATE TABLE metered_use (
    id TEXT NOT NULL PRIMARY KEY,
    -- Whose use it is, as with keys: an account on this computer, or whoever uses it without one.
    profile TEXT NOT NULL,
    feature TEXT NOT NULL,
    -- Milliseconds since 1970 UTC.
    at INTEGER NOT NULL
) STRICT;

CREATE INDEX metered_use_by_profile ON metered_use (profile, at);
