-- What the built-in issuer of tokens remembers: codes and refresh tokens once each, spent proofs.

CREATE TABLE authorization_codes (
    code_hash text CONSTRAINT authorization_codes_pkey PRIMARY KEY,
    user_id text NOT NULL CONSTRAINT code_is_a_users REFERENCES users,
    client_id text NOT NULL,
    redirect_uri text NOT NULL,
    challenge text NOT NULL,
    family uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
COMMENT ON TABLE authorization_codes IS 'OAuth authorization codes, good once and for a minute.';
COMMENT ON COLUMN authorization_codes.code_hash IS 'SHA-256 of the code in hex.';
COMMENT ON COLUMN authorization_codes.user_id IS 'Who consented.';
COMMENT ON COLUMN authorization_codes.client_id IS 'The program that asked.';
COMMENT ON COLUMN authorization_codes.redirect_uri IS 'Where the code was sent.';
COMMENT ON COLUMN authorization_codes.challenge IS 'PKCE S256 challenge (RFC 7636).';
COMMENT ON COLUMN authorization_codes.family IS 'The refresh tokens that came of it; a second use ends them.';
COMMENT ON COLUMN authorization_codes.expires_at IS 'When it is worth nothing any more.';
COMMENT ON COLUMN authorization_codes.used_at IS 'When it was exchanged.';

CREATE TABLE refresh_tokens (
    token_hash text CONSTRAINT refresh_tokens_pkey PRIMARY KEY,
    family uuid NOT NULL,
    user_id text NOT NULL CONSTRAINT refresh_token_is_a_users REFERENCES users,
    client_id text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);
COMMENT ON TABLE refresh_tokens IS 'Refresh tokens, each good once; a second use ends its whole family.';
COMMENT ON COLUMN refresh_tokens.token_hash IS 'SHA-256 of the token in hex.';
COMMENT ON COLUMN refresh_tokens.family IS 'All tokens that came of one log-in.';
COMMENT ON COLUMN refresh_tokens.user_id IS 'Whose it is.';
COMMENT ON COLUMN refresh_tokens.client_id IS 'The program that has it.';
COMMENT ON COLUMN refresh_tokens.made_at IS 'When it was handed out.';
COMMENT ON COLUMN refresh_tokens.expires_at IS 'When it is worth nothing any more.';
COMMENT ON COLUMN refresh_tokens.used_at IS 'When it was exchanged for the next.';
COMMENT ON COLUMN refresh_tokens.revoked_at IS 'When its family was ended.';

CREATE TABLE spent_tokens (
    jti text CONSTRAINT spent_tokens_pkey PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX spent_tokens_by_end ON spent_tokens (expires_at);
COMMENT ON TABLE spent_tokens IS 'Assertions and proofs that were used: each is good once.';
COMMENT ON COLUMN spent_tokens.jti IS 'The token''s own id, with the key that signed it.';
COMMENT ON COLUMN spent_tokens.expires_at IS 'From then on it is refused by its age and need not be remembered.';
