-- Who did what in the office: a chain of signed entries, never changed.

CREATE TABLE audit_entries (
    store_id text NOT NULL,
    sequence bigint NOT NULL CONSTRAINT audit_sequence_is_taken_once UNIQUE
        CONSTRAINT audit_sequence_starts_at_one CHECK (sequence > 0),
    at timestamptz NOT NULL,
    actor text NOT NULL,
    actor_role text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    address text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL,
    signature text NOT NULL,
    CONSTRAINT audit_entries_pkey PRIMARY KEY (store_id, sequence)
);
CREATE INDEX audit_entries_by_subject ON audit_entries (subject, sequence);
COMMENT ON TABLE audit_entries IS 'Every administrative act and decision, chained and signed; never changed.';
COMMENT ON COLUMN audit_entries.store_id IS 'The store it is about; empty for the whole shop.';
COMMENT ON COLUMN audit_entries.sequence IS 'Position in the one chain of the office, without a gap from 1.';
COMMENT ON COLUMN audit_entries.at IS 'When, by the office''s clock.';
COMMENT ON COLUMN audit_entries.actor IS 'The user, till or program that acted.';
COMMENT ON COLUMN audit_entries.actor_role IS 'The role it acted in.';
COMMENT ON COLUMN audit_entries.action IS 'What was done, such as person_added.';
COMMENT ON COLUMN audit_entries.subject IS 'What it was done to.';
COMMENT ON COLUMN audit_entries.before IS 'How it was before, as canonical JSON; empty when it was not there.';
COMMENT ON COLUMN audit_entries.after IS 'How it was afterwards, as canonical JSON; empty when it is gone.';
COMMENT ON COLUMN audit_entries.address IS 'The network address it came from, or account and machine of a command; empty for programs.';
COMMENT ON COLUMN audit_entries.previous IS 'Hash of the entry before it, in hex.';
COMMENT ON COLUMN audit_entries.hash IS 'SHA-256 over the whole entry and the hash before it, in hex.';
COMMENT ON COLUMN audit_entries.signature IS 'The office''s Ed25519 signature of the hash, in hex.';

CREATE TRIGGER audit_entries_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
