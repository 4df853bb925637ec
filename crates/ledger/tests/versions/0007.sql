-- A database as the release with schema 7 left it. Never edited.
PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'first schema','2026-11-23 07:49:39',1,X'328af784e15243d44fa18bc5fcd4a8b37c938d2c8ba221386a1a8f8a398532460c6f4c20ec5b247fd782f8b4815f1bff',17958252);
INSERT INTO "_sqlx_migrations" VALUES(2,'terms profile','2026-11-26 18:50:00',1,X'67d50375baa0b9770aab6756af8316599a283b97773c0d461a937b272f0f70ce53a507d741f3133d55dd34dbec8b7785',402341);
INSERT INTO "_sqlx_migrations" VALUES(3,'metered use','2026-11-26 23:50:00',1,X'33981f8157c81d1c782919c8f1dba28017f49e17b4b24ce927cc3ebda3f6aff506c6c41b22425ace028a37707933d719',402341);
INSERT INTO "_sqlx_migrations" VALUES(4,'search','2026-11-27 05:00:00',1,X'aa9cbd4c62ac1a0afcf899cdaf09b435a987350469c373e0f59b00631f557da4a3682f07b8cda58ceaf3114d245f089f',402341);
INSERT INTO "_sqlx_migrations" VALUES(5,'passphrase vault','2026-11-27 09:40:00',1,X'777b6913cee492a853c1be5d0353e7e43aa5fb25d674576a71175b8f68f9181c11bcc6d2d799d7100090122c6346ccb0',402341);
INSERT INTO "_sqlx_migrations" VALUES(6,'key handover','2026-11-27 14:20:00',1,X'ac9f6adcfa08541f6836ce6512a1fca452592932076e4f0dde885c22abf3d85710378e75f979ed201139ed7d262ab843',402341);
INSERT INTO "_sqlx_migrations" VALUES(7,'key access','2026-11-27 15:00:00',1,X'1a73e26e717a616ef7f785cc6c7c782b41aecb9ca48416763b5b919147a1e080aa320742d0f6e681db6e10b4890b343f',402341);
CREATE TABLE key_handover (
    sequence INTEGER PRIMARY KEY,
    key_id   TEXT NOT NULL,
    -- The program's name as it was called, without its arguments.
    program  TEXT NOT NULL,
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX key_handover_of_a_key ON key_handover (key_id, at);
CREATE TABLE call (
    id              TEXT PRIMARY KEY NOT NULL,
    message_id      TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL,
    project_id      TEXT,
    at              INTEGER NOT NULL,
    payer_kind      TEXT NOT NULL CHECK (payer_kind IN ('user_key', 'nobody', 'plan')),
    key_id          TEXT,
    key_label       TEXT,
    key_last4       TEXT,
    provider        TEXT NOT NULL,
    endpoint_origin TEXT NOT NULL,
    model           TEXT NOT NULL,
    CHECK ((payer_kind = 'user_key') = (key_id IS NOT NULL AND key_label IS NOT NULL))
) STRICT;
CREATE TABLE chunk (
    message_id TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    sequence   INTEGER NOT NULL,
    text       TEXT NOT NULL,
    thinking   TEXT NOT NULL,
    PRIMARY KEY (message_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE conversation (
    id             TEXT PRIMARY KEY NOT NULL,
    project_id     TEXT REFERENCES project (id),
    title          TEXT NOT NULL,
    title_is_users INTEGER NOT NULL CHECK (title_is_users IN (0, 1)),
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    -- The last message of the path that is shown; the path is its chain of parents.
    active_leaf    TEXT,
    -- What the next question goes to: both or neither.
    endpoint_id    TEXT,
    model          TEXT,
    deleted_at     INTEGER,
    CHECK ((endpoint_id IS NULL) = (model IS NULL)),
    FOREIGN KEY (id, active_leaf) REFERENCES message (conversation_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
INSERT INTO "conversation" VALUES('c','p','Sorting',0,1,20,'a-1',NULL,NULL,NULL);
CREATE TABLE draft (
    key        TEXT PRIMARY KEY NOT NULL,
    text       TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO "draft" VALUES('new','A draft',3);
CREATE TABLE key_intent (
    entry_id TEXT PRIMARY KEY NOT NULL,
    what     TEXT NOT NULL CHECK (what IN ('put', 'delete')),
    at       INTEGER NOT NULL, place TEXT NOT NULL DEFAULT 'system' CHECK (place IN ('system', 'session', 'passphrase'))
) STRICT;
CREATE TABLE key_record (
    id              TEXT PRIMARY KEY NOT NULL,
    profile         TEXT NOT NULL,
    provider        TEXT NOT NULL,
    protocol        TEXT NOT NULL,
    label           TEXT NOT NULL,
    base_url        TEXT NOT NULL,
    origin          TEXT NOT NULL,
    -- Both or neither: an endpoint without a key has nothing in the store.
    last4           TEXT,
    entry_id        TEXT UNIQUE,
    place           TEXT NOT NULL CHECK (place IN ('system', 'session', 'passphrase')),
    -- Kept on a removed record, so that undoing the removal gives the default back.
    is_default      INTEGER NOT NULL CHECK (is_default IN (0, 1)),
    health_json     TEXT CHECK (health_json IS NULL OR json_valid(health_json)),
    models_json     TEXT CHECK (models_json IS NULL OR json_valid(models_json)),
    added_at        INTEGER NOT NULL,
    last_checked_at INTEGER,
    removed_at      INTEGER,
    CHECK ((last4 IS NULL) = (entry_id IS NULL)),
    CHECK (last4 IS NULL OR length(last4) <= 4)
) STRICT;
INSERT INTO "key_record" VALUES('key-1','local','openai','open_ai_responses','Work','https://api.openai.com/v1','https://api.openai.com','x9Qz','entry-1','system',1,'{}','[]',2,2,NULL);
CREATE TABLE message (
    -- The order in which messages came to be; a parent always has a lower number than its children.
    sequence        INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    parent_id       TEXT,
    role            TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    text            TEXT NOT NULL,
    thinking        TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('open', 'done', 'stopped', 'failed', 'interrupted')),
    failure_json    TEXT CHECK (failure_json IS NULL OR json_valid(failure_json)),
    -- Why a done answer ended before its model was done; null where it was.
    ending          TEXT CHECK (ending IN ('length', 'refused', 'other')),
    endpoint_id     TEXT,
    model           TEXT,
    created_at      INTEGER NOT NULL,
    closed_at       INTEGER,
    UNIQUE (conversation_id, id),
    CHECK ((state = 'open') = (closed_at IS NULL)),
    CHECK (role = 'assistant' OR state = 'done'),
    CHECK (ending IS NULL OR (role = 'assistant' AND state = 'done')),
    -- A parent is a message of the same conversation. No cascade here: a long conversation is deeper than SQLite's limit.
    FOREIGN KEY (conversation_id, parent_id) REFERENCES message (conversation_id, id)
) STRICT;
INSERT INTO "message" VALUES(1,'q-1','c',NULL,'user','Question 1','','done',NULL,NULL,NULL,NULL,10,10);
INSERT INTO "message" VALUES(2,'a-1','c','q-1','assistant','Answer 1','','done',NULL,NULL,'key-1','gpt-6.1-sol',10,20);
CREATE TABLE project (
    id         TEXT PRIMARY KEY NOT NULL,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;
INSERT INTO "project" VALUES('p','Thesis',1,1,NULL);
CREATE TABLE receipt (
    id                 TEXT PRIMARY KEY NOT NULL,
    message_id         TEXT,
    conversation_id    TEXT,
    project_id         TEXT,
    at                 INTEGER NOT NULL,
    payer_kind         TEXT NOT NULL CHECK (payer_kind IN ('user_key', 'nobody', 'plan')),
    key_id             TEXT,
    key_label          TEXT,
    key_last4          TEXT,
    provider           TEXT NOT NULL,
    endpoint_origin    TEXT NOT NULL,
    model              TEXT NOT NULL,
    served_model       TEXT,
    input_uncached     INTEGER NOT NULL,
    cache_read         INTEGER NOT NULL,
    cache_write_5m     INTEGER NOT NULL,
    cache_write_1h     INTEGER NOT NULL,
    cache_write_30m    INTEGER NOT NULL,
    cache_write_12h    INTEGER NOT NULL,
    output             INTEGER NOT NULL,
    reasoning          INTEGER NOT NULL,
    usage_status       TEXT NOT NULL CHECK (usage_status IN ('exact', 'partial', 'missing')),
    usage_clamped      INTEGER NOT NULL CHECK (usage_clamped IN (0, 1)),
    provider_cost_pico INTEGER,
    service_tier       TEXT,
    region             TEXT,
    speed              TEXT,
    web_searches       INTEGER NOT NULL,
    cost_kind          TEXT NOT NULL CHECK (cost_kind IN ('known', 'unknown', 'free')),
    cost_pico          INTEGER,
    cost_at_least_pico INTEGER,
    unknown_reason     TEXT,
    price_list         TEXT,
    price_as_of        TEXT,
    price_row          TEXT,
    to_be_confirmed    INTEGER CHECK (to_be_confirmed IN (0, 1)),
    request_id         TEXT,
    ttft_ms            INTEGER,
    duration_ms        INTEGER,
    outcome            TEXT NOT NULL CHECK (outcome IN ('done', 'stopped', 'failed', 'interrupted')),
    CHECK ((payer_kind = 'user_key') = (key_id IS NOT NULL AND key_label IS NOT NULL)),
    CHECK ((cost_kind = 'known') = (cost_pico IS NOT NULL AND price_list IS NOT NULL AND price_as_of IS NOT NULL
                                    AND price_row IS NOT NULL AND to_be_confirmed IS NOT NULL)),
    CHECK (cost_kind = 'known' OR cost_pico IS NULL),
    CHECK ((cost_kind = 'unknown') = (unknown_reason IS NOT NULL)),
    CHECK (cost_kind = 'unknown' OR cost_at_least_pico IS NULL)
) STRICT;
INSERT INTO "receipt" VALUES('r-1','a-1','c','p',10,'user_key','key-1','Work','x9Qz','openai','https://api.openai.com','gpt-6.1-sol','gpt-6.1-sol-2026-09-30',12,0,0,0,0,0,34,0,'exact',0,NULL,NULL,NULL,NULL,0,'known',5355200000,NULL,NULL,'LiteLLM 1.109.1','2026-11-23','gpt-6.1-sol',0,'req_1',412,3000,'done');
CREATE TABLE setting (
    key        TEXT PRIMARY KEY NOT NULL,
    value_json TEXT NOT NULL CHECK (json_valid(value_json))
) STRICT;
INSERT INTO "setting" VALUES('billing.mode','"byok"');
CREATE TABLE terms_acceptance (
    sequence    INTEGER PRIMARY KEY,
    document    TEXT NOT NULL,
    version     TEXT NOT NULL,
    sha256      TEXT NOT NULL CHECK (length(sha256) = 64),
    accepted_at INTEGER NOT NULL,
    app_version TEXT NOT NULL,
    surface     TEXT NOT NULL
, profile TEXT NOT NULL DEFAULT 'local') STRICT;
INSERT INTO "terms_acceptance" VALUES(1,'byok','1','0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',1,'0.1.0','first_run','local');
CREATE INDEX conversation_by_project ON conversation (project_id);
CREATE INDEX conversation_newest ON conversation (updated_at DESC) WHERE deleted_at IS NULL;
CREATE INDEX message_siblings ON message (conversation_id, parent_id);
CREATE INDEX message_open ON message (state) WHERE state = 'open';
CREATE INDEX receipt_by_time ON receipt (at, cost_kind, cost_pico);
CREATE INDEX receipt_by_conversation ON receipt (conversation_id, cost_kind, cost_pico);
CREATE INDEX receipt_by_project ON receipt (project_id, at, cost_kind, cost_pico);
CREATE INDEX receipt_by_key ON receipt (key_id, at, cost_kind, cost_pico);
CREATE INDEX receipt_by_message ON receipt (message_id);
CREATE TRIGGER receipt_is_never_changed BEFORE UPDATE ON receipt
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER receipt_is_never_deleted BEFORE DELETE ON receipt
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER receipt_is_never_replaced BEFORE INSERT ON receipt
WHEN EXISTS (SELECT 1 FROM receipt WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
ALTER TABLE key_record ADD COLUMN access_json TEXT CHECK (access_json IS NULL OR json_valid(access_json));
CREATE UNIQUE INDEX key_record_one_default ON key_record (profile, provider) WHERE is_default = 1 AND removed_at IS NULL;
CREATE TRIGGER terms_acceptance_is_never_changed BEFORE UPDATE ON terms_acceptance
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER terms_acceptance_is_never_deleted BEFORE DELETE ON terms_acceptance
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER terms_acceptance_is_never_replaced BEFORE INSERT ON terms_acceptance
WHEN EXISTS (SELECT 1 FROM terms_acceptance WHERE sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TABLE metered_use (
    id TEXT NOT NULL PRIMARY KEY,
    -- Whose use it is, as with keys: an account on this computer, or whoever uses it without one.
    profile TEXT NOT NULL,
    feature TEXT NOT NULL,
    -- Milliseconds since 1970 UTC.
    at INTEGER NOT NULL
) STRICT;
INSERT INTO "metered_use" VALUES('p','local','projects',1);
CREATE INDEX metered_use_by_profile ON metered_use (profile, at);
-- Full-text search. What is typed is looked up in two indexes: the text of closed messages, and names (titles of conversations,
-- names of projects). Neither keeps a copy of a message's text.

-- The text with its characters set apart, where it is in a script without spaces (see search/spaced.rs); null where the text
-- itself is indexed. An entry can only be taken out of the index with exactly what was put in.
ALTER TABLE message ADD COLUMN spaced TEXT;

-- Closed messages that the index does not hold yet. They are added where they are written; those of an older version, and
-- imported ones, little by little.
CREATE TABLE unindexed (
    sequence INTEGER PRIMARY KEY
) STRICT;

INSERT INTO unindexed (sequence) SELECT sequence FROM message WHERE state <> 'open';

CREATE TRIGGER message_written_is_unindexed AFTER INSERT ON message WHEN NEW.state <> 'open'
BEGIN INSERT INTO unindexed (sequence) VALUES (NEW.sequence); END;
CREATE TRIGGER message_closed_is_unindexed AFTER UPDATE OF state ON message WHEN OLD.state = 'open' AND NEW.state <> 'open'
BEGIN INSERT INTO unindexed (sequence) VALUES (NEW.sequence); END;

-- unicode61 and not trigram: words of one and two letters are found as they are typed, and Chinese or Japanese words of two
-- characters are too, which trigrams cannot. remove_diacritics 2 finds "Café" by "cafe". The prefix index keeps a first letter
-- as fast as a whole word. Nothing is ranked, so no sizes are kept.
CREATE VIRTUAL TABLE message_index USING fts5 (
    text, content = '', columnsize = 0, prefix = '1 2', tokenize = 'unicode61 remove_diacritics 2'
);
-- What is deleted is overwritten in the index, too, and not only marked.
INSERT INTO message_index (message_index, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER message_leaves_the_index AFTER DELETE ON message WHEN OLD.state <> 'open'
BEGIN
    INSERT INTO message_index (message_index, rowid, text)
        SELECT 'delete', OLD.sequence, COALESCE(OLD.spaced, OLD.text)
        WHERE NOT EXISTS (SELECT 1 FROM unindexed WHERE unindexed.sequence = OLD.sequence);
    DELETE FROM unindexed WHERE sequence = OLD.sequence;
END;

CREATE TABLE name (
    sequence        INTEGER PRIMARY KEY,
    conversation_id TEXT UNIQUE REFERENCES conversation (id) ON DELETE CASCADE,
    project_id      TEXT UNIQUE REFERENCES project (id) ON DELETE CASCADE,
    text            TEXT NOT NULL,
    -- Whether its characters were set apart where its script needs that.
    is_spaced       INTEGER NOT NULL CHECK (is_spaced IN (0, 1)),
    CHECK ((conversation_id IS NULL) <> (project_id IS NULL))
) STRICT;

CREATE INDEX name_unspaced ON name (is_spaced) WHERE is_spaced = 0;

CREATE VIRTUAL TABLE name_index USING fts5 (
    text, content = 'name', content_rowid = 'sequence', columnsize = 0, prefix = '1 2',
    tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO name_index (name_index, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER name_enters_the_index AFTER INSERT ON name
BEGIN INSERT INTO name_index (rowid, text) VALUES (NEW.sequence, NEW.text); END;
CREATE TRIGGER name_leaves_the_index AFTER DELETE ON name
BEGIN INSERT INTO name_index (name_index, rowid, text) VALUES ('delete', OLD.sequence, OLD.text); END;
CREATE TRIGGER name_changes_in_the_index AFTER UPDATE OF text ON name WHEN OLD.text IS NOT NEW.text
BEGIN
    INSERT INTO name_index (name_index, rowid, text) VALUES ('delete', OLD.sequence, OLD.text);
    INSERT INTO name_index (rowid, text) VALUES (NEW.sequence, NEW.text);
END;

CREATE TRIGGER conversation_gets_its_name AFTER INSERT ON conversation
BEGIN INSERT INTO name (conversation_id, text, is_spaced) VALUES (NEW.id, NEW.title, 0); END;
CREATE TRIGGER conversation_is_renamed AFTER UPDATE OF title ON conversation WHEN OLD.title IS NOT NEW.title
BEGIN UPDATE name SET text = NEW.title, is_spaced = 0 WHERE conversation_id = NEW.id; END;
CREATE TRIGGER project_gets_its_name AFTER INSERT ON project
BEGIN INSERT INTO name (project_id, text, is_spaced) VALUES (NEW.id, NEW.name, 0); END;
CREATE TRIGGER project_is_renamed AFTER UPDATE OF name ON project WHEN OLD.name IS NOT NEW.name
BEGIN UPDATE name SET text = NEW.name, is_spaced = 0 WHERE project_id = NEW.id; END;

INSERT INTO name (conversation_id, text, is_spaced) SELECT id, title, 0 FROM conversation ORDER BY created_at;
INSERT INTO name (project_id, text, is_spaced) SELECT id, name, 0 FROM project ORDER BY created_at;

-- What catching up made of it.
INSERT INTO message_index (rowid, text) SELECT sequence, text FROM message;
DELETE FROM unindexed;
UPDATE name SET is_spaced = 1;
COMMIT;
