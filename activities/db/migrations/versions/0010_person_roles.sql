-- Which role somebody had when: a journal that comes late is judged by what was so at its time.

CREATE TABLE person_roles (
    store_id text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    person_id text NOT NULL,
    role text NOT NULL,
    active boolean NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT person_roles_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT role_is_of_a_person FOREIGN KEY (store_id, person_id) REFERENCES people (store_id, id)
);
CREATE INDEX person_roles_by_person ON person_roles (store_id, person_id, id);
COMMENT ON TABLE person_roles IS 'Every role that people of the tills have had, written by a trigger; never changed.';
COMMENT ON COLUMN person_roles.store_id IS 'The store.';
COMMENT ON COLUMN person_roles.id IS 'Running number; of one moment, the last counts.';
COMMENT ON COLUMN person_roles.person_id IS 'The person.';
COMMENT ON COLUMN person_roles.role IS 'What the person might do from then on.';
COMMENT ON COLUMN person_roles.active IS 'False from when the person left.';
COMMENT ON COLUMN person_roles.since IS 'From when, by the office''s clock; the first one counts for all time before, too.';

CREATE TRIGGER person_roles_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON person_roles
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION note_person_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR (OLD.role, OLD.active) IS DISTINCT FROM (NEW.role, NEW.active) THEN
        INSERT INTO person_roles (store_id, person_id, role, active)
        VALUES (NEW.store_id, NEW.id, NEW.role, NEW.active);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_person_role IS 'Keeps the roles of people, whoever gives or takes them.';

CREATE TRIGGER person_role_is_noted
    AFTER INSERT OR UPDATE ON people
    FOR EACH ROW EXECUTE FUNCTION note_person_role();

INSERT INTO person_roles (store_id, person_id, role, active)
SELECT store_id, id, role, active FROM people;
