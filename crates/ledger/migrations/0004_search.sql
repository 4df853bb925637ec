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
