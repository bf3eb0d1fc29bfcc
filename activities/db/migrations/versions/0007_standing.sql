-- How tills stand with the office: enrolment, lease, revocation; and tasks for people.

ALTER TABLE tills
    ADD COLUMN standing text NOT NULL DEFAULT 'trading'
        CONSTRAINT till_standing_is_known CHECK (standing IN ('trading', 'revoked', 'frozen')),
    ADD COLUMN standing_why text NOT NULL DEFAULT '',
    ADD COLUMN lease_until timestamptz,
    ADD COLUMN enrolled_at timestamptz;
COMMENT ON COLUMN tills.standing IS 'Whether it may trade, was revoked, or is frozen as a possible copy.';
COMMENT ON COLUMN tills.standing_why IS 'Why it may not trade, in a sentence.';
COMMENT ON COLUMN tills.lease_until IS 'Until when it may sell alone, by the last lease it was given.';
COMMENT ON COLUMN tills.enrolled_at IS 'When its key was registered.';

CREATE TABLE enrolment_codes (
    store_id text NOT NULL,
    till_id text NOT NULL,
    id text NOT NULL CONSTRAINT enrolment_code_id_is_taken_once UNIQUE,
    secret_hash text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    wrong_tries int NOT NULL DEFAULT 0,
    used_at timestamptz,
    used_key text NOT NULL DEFAULT '',
    CONSTRAINT enrolment_codes_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT code_enrols_a_till FOREIGN KEY (store_id, till_id) REFERENCES tills
);
COMMENT ON TABLE enrolment_codes IS 'Codes with which a new device becomes a till: once, ten minutes, ten tries.';
COMMENT ON COLUMN enrolment_codes.store_id IS 'The store.';
COMMENT ON COLUMN enrolment_codes.till_id IS 'The till that the device becomes.';
COMMENT ON COLUMN enrolment_codes.id IS 'First group of the code, by which it is found; no secret.';
COMMENT ON COLUMN enrolment_codes.secret_hash IS 'Keyed digest of the rest of the code in hex.';
COMMENT ON COLUMN enrolment_codes.made_by IS 'The user who asked for it.';
COMMENT ON COLUMN enrolment_codes.made_at IS 'When it was made.';
COMMENT ON COLUMN enrolment_codes.expires_at IS 'When it is worth nothing any more.';
COMMENT ON COLUMN enrolment_codes.wrong_tries IS 'How often its id came with a wrong secret.';
COMMENT ON COLUMN enrolment_codes.used_at IS 'When a device enrolled with it.';
COMMENT ON COLUMN enrolment_codes.used_key IS 'The public key of that device, which may ask again.';

CREATE TABLE exception_tasks (
    store_id text NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    till_id text NOT NULL DEFAULT '',
    why text NOT NULL,
    owner_role text NOT NULL,
    amount_minor bigint,
    currency text,
    opened_at timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    resolved_by text,
    resolution text,
    CONSTRAINT exception_tasks_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT task_is_opened_once UNIQUE (store_id, kind, subject),
    CONSTRAINT task_amount_has_a_currency CHECK ((amount_minor IS NULL) = (currency IS NULL)),
    CONSTRAINT task_is_resolved_by_somebody
        CHECK ((resolved_at IS NULL) = (resolved_by IS NULL)
               AND (resolved_at IS NULL) = (resolution IS NULL))
);
CREATE INDEX exception_tasks_open ON exception_tasks (store_id, opened_at)
    WHERE resolved_at IS NULL;
COMMENT ON TABLE exception_tasks IS 'What the office cannot decide by itself and a person must look at.';
COMMENT ON COLUMN exception_tasks.store_id IS 'The store.';
COMMENT ON COLUMN exception_tasks.id IS 'UUIDv7 of the task.';
COMMENT ON COLUMN exception_tasks.kind IS 'What happened, such as till_forked.';
COMMENT ON COLUMN exception_tasks.subject IS 'What it is about: with the kind, the same thing opens one task.';
COMMENT ON COLUMN exception_tasks.till_id IS 'The till, where there is one.';
COMMENT ON COLUMN exception_tasks.why IS 'What happened, in a sentence.';
COMMENT ON COLUMN exception_tasks.owner_role IS 'Who has to look: manager or ops.';
COMMENT ON COLUMN exception_tasks.amount_minor IS 'Money it is about, where it is about money.';
COMMENT ON COLUMN exception_tasks.currency IS 'ISO 4217 code of the amount.';
COMMENT ON COLUMN exception_tasks.opened_at IS 'When it was found.';
COMMENT ON COLUMN exception_tasks.resolved_at IS 'When somebody resolved it.';
COMMENT ON COLUMN exception_tasks.resolved_by IS 'Who did.';
COMMENT ON COLUMN exception_tasks.resolution IS 'What was decided, in a sentence.';
