-- Admin and ops work for every store: their pages (users, stores, audit) never were one store's.

UPDATE users SET store_id = NULL, person_id = NULL WHERE role IN ('admin', 'ops') AND store_id IS NOT NULL;
ALTER TABLE users ADD CONSTRAINT admin_and_ops_work_for_every_store
    CHECK (store_id IS NULL OR role NOT IN ('admin', 'ops'));
COMMENT ON COLUMN users.store_id IS 'The one store the user works for; empty for all of them, as it is for admin and ops.';
