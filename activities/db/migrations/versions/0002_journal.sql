-- The tills' journals as received, where each of them stands, and what was refused.

CREATE TABLE till_heads (
    store_id text NOT NULL,
    till_id text NOT NULL,
    epoch bigint NOT NULL,
    sequence bigint NOT NULL,
    hash text NOT NULL,
    posted_sequence bigint NOT NULL DEFAULT 0,
    last_seen timestamptz,
    CONSTRAINT till_heads_pkey PRIMARY KEY (store_id, till_id),
    CONSTRAINT head_is_of_a_till FOREIGN KEY (store_id, till_id) REFERENCES tills,
    CONSTRAINT posted_is_behind_head CHECK (posted_sequence <= sequence)
) WITH (fillfactor = 50);
COMMENT ON TABLE till_heads IS 'How far each till''s journal has come; locked while a batch is taken in.';
COMMENT ON COLUMN till_heads.store_id IS 'The store.';
COMMENT ON COLUMN till_heads.till_id IS 'The till.';
COMMENT ON COLUMN till_heads.epoch IS 'Which journal of the till: a till with a new disk starts a new one.';
COMMENT ON COLUMN till_heads.sequence IS 'Number of the last entry held; all before it are held too.';
COMMENT ON COLUMN till_heads.hash IS 'Hash of that entry.';
COMMENT ON COLUMN till_heads.posted_sequence IS 'All sales up to here are in the ledger or in quarantine.';
COMMENT ON COLUMN till_heads.last_seen IS 'When the till last sent anything.';

CREATE TABLE journal_entries (
    store_id text NOT NULL,
    till_id text NOT NULL,
    epoch bigint NOT NULL,
    sequence bigint NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL,
    signature text NOT NULL,
    body text NOT NULL,
    sale_id uuid,
    content_hash text,
    received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT journal_entries_pkey PRIMARY KEY (store_id, till_id, epoch, sequence),
    CONSTRAINT entry_is_of_a_till FOREIGN KEY (store_id, till_id) REFERENCES tills,
    CONSTRAINT sequence_starts_at_one CHECK (sequence > 0),
    CONSTRAINT sale_entry_is_hashed CHECK ((sale_id IS NULL) = (content_hash IS NULL))
);
CREATE INDEX journal_entries_by_sale ON journal_entries (sale_id) WHERE sale_id IS NOT NULL;
COMMENT ON TABLE journal_entries IS 'The tills'' books of first entry, exactly as signed; never changed.';
COMMENT ON COLUMN journal_entries.store_id IS 'The store.';
COMMENT ON COLUMN journal_entries.till_id IS 'The till.';
COMMENT ON COLUMN journal_entries.epoch IS 'Which journal of the till.';
COMMENT ON COLUMN journal_entries.sequence IS 'Position in the journal, without a gap from 1.';
COMMENT ON COLUMN journal_entries.kind IS 'What happened, such as sale or logged_in.';
COMMENT ON COLUMN journal_entries.at IS 'When, by the till''s clock.';
COMMENT ON COLUMN journal_entries.previous IS 'Hash of the entry before it, in hex.';
COMMENT ON COLUMN journal_entries.hash IS 'SHA-256 over the whole entry and the hash before it, in hex.';
COMMENT ON COLUMN journal_entries.signature IS 'The till''s Ed25519 signature of the hash, in hex.';
COMMENT ON COLUMN journal_entries.body IS 'The event as canonical JSON, byte for byte as signed.';
COMMENT ON COLUMN journal_entries.sale_id IS 'The sale in it, when it is one that adds up.';
COMMENT ON COLUMN journal_entries.content_hash IS 'SHA-256 of that sale''s canonical JSON, in hex.';
COMMENT ON COLUMN journal_entries.received_at IS 'When the office stored it.';

CREATE TABLE quarantined_entries (
    store_id text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    source text NOT NULL CONSTRAINT quarantine_source_is_known CHECK (source IN ('journal', 'api')),
    till_id text NOT NULL,
    epoch bigint,
    sequence bigint,
    sale_id uuid,
    sent_hash text NOT NULL,
    reason text NOT NULL,
    why text NOT NULL,
    entry text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT quarantined_entries_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT quarantined_once UNIQUE NULLS NOT DISTINCT
        (store_id, source, till_id, epoch, sequence, sent_hash, reason)
);
COMMENT ON TABLE quarantined_entries IS 'What was sent and not accepted, kept whole so that a person can decide.';
COMMENT ON COLUMN quarantined_entries.store_id IS 'The store it was sent for.';
COMMENT ON COLUMN quarantined_entries.id IS 'Running number.';
COMMENT ON COLUMN quarantined_entries.source IS 'The road it came by: journal or api.';
COMMENT ON COLUMN quarantined_entries.till_id IS 'The till it was sent for.';
COMMENT ON COLUMN quarantined_entries.epoch IS 'The journal it claims to be of; empty for the API.';
COMMENT ON COLUMN quarantined_entries.sequence IS 'The position it claims; empty for the API.';
COMMENT ON COLUMN quarantined_entries.sale_id IS 'The sale it is about, where that is known.';
COMMENT ON COLUMN quarantined_entries.sent_hash IS 'Hash of the entry or document, so that repeats add nothing.';
COMMENT ON COLUMN quarantined_entries.reason IS 'Why, in one word for programs.';
COMMENT ON COLUMN quarantined_entries.why IS 'Why, in a sentence for people.';
COMMENT ON COLUMN quarantined_entries.entry IS 'What was sent, as JSON text.';
COMMENT ON COLUMN quarantined_entries.received_at IS 'When it first came.';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % refused: facts are appended, never changed. Write a new entry instead.',
        TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
END $$;
COMMENT ON FUNCTION refuse_change IS 'Guards append-only tables against UPDATE, DELETE and TRUNCATE.';

CREATE TRIGGER journal_entries_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
