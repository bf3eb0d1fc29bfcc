-- Who people are: badges at the till, accounts in the office, and what they prove themselves with.

ALTER TABLE people
    ADD COLUMN badge_mark text NOT NULL DEFAULT ''
        CONSTRAINT badge_mark_is_a_digest CHECK (badge_mark ~ '^([0-9a-f]{64})?$'),
    ADD COLUMN active boolean NOT NULL DEFAULT true;
CREATE UNIQUE INDEX badge_belongs_to_one_person ON people (store_id, badge_mark)
    WHERE badge_mark <> '';
COMMENT ON COLUMN people.badge_mark IS 'Keyed digest of the badge''s code in hex; empty without one.';
COMMENT ON COLUMN people.active IS 'False for who has left: known to the books, unknown to the tills.';

CREATE TABLE users (
    id text CONSTRAINT users_pkey PRIMARY KEY
        CONSTRAINT user_id_is_lower_case CHECK (id = lower(id) AND id <> ''),
    name text NOT NULL,
    role text NOT NULL CONSTRAINT user_role_is_a_persons
        CHECK (role IN ('cashier', 'supervisor', 'manager', 'admin', 'ops', 'analyst')),
    store_id text CONSTRAINT user_works_in_a_store REFERENCES stores,
    person_id text,
    password_hash text NOT NULL,
    issuer_subject text NOT NULL DEFAULT '',
    active boolean NOT NULL DEFAULT true,
    failures int NOT NULL DEFAULT 0,
    locked_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_is_a_person_of_the_store
        FOREIGN KEY (store_id, person_id) REFERENCES people (store_id, id)
);
CREATE UNIQUE INDEX issuer_subject_is_one_user ON users (issuer_subject) WHERE issuer_subject <> '';
COMMENT ON TABLE users IS 'Who may log in at the office, by web page or API.';
COMMENT ON COLUMN users.id IS 'Log-in name in lower case.';
COMMENT ON COLUMN users.name IS 'What others call this user.';
COMMENT ON COLUMN users.role IS 'What the user may do; see domain/roles.py.';
COMMENT ON COLUMN users.store_id IS 'The one store the user works for; empty for all of them.';
COMMENT ON COLUMN users.person_id IS 'The same human at the store''s tills, where there is one.';
COMMENT ON COLUMN users.password_hash IS 'argon2id text of the peppered password; empty: log-in by issuer only.';
COMMENT ON COLUMN users.issuer_subject IS 'Who this is for the external OpenID Connect issuer.';
COMMENT ON COLUMN users.active IS 'False for who may not log in any more.';
COMMENT ON COLUMN users.failures IS 'Wrong passwords since the last right one; counted before looking.';
COMMENT ON COLUMN users.locked_until IS 'No password is looked at before this moment.';
COMMENT ON COLUMN users.created_at IS 'When the user was made.';

CREATE TABLE web_sessions (
    token_hash text CONSTRAINT web_sessions_pkey PRIMARY KEY,
    user_id text NOT NULL CONSTRAINT session_is_a_users REFERENCES users,
    form_key text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX web_sessions_by_user ON web_sessions (user_id);
COMMENT ON TABLE web_sessions IS 'Browsers that are logged in at the manager''s page.';
COMMENT ON COLUMN web_sessions.token_hash IS 'SHA-256 of the cookie in hex; the cookie itself is nowhere.';
COMMENT ON COLUMN web_sessions.user_id IS 'Who is logged in.';
COMMENT ON COLUMN web_sessions.form_key IS 'What each form sent back must carry, against forged requests.';
COMMENT ON COLUMN web_sessions.begun_at IS 'When the user logged in.';
COMMENT ON COLUMN web_sessions.used_at IS 'When the session was last used; it ends when idle for long.';
COMMENT ON COLUMN web_sessions.expires_at IS 'When it ends in any case.';
