-- What the ledger refuses by itself: changes, late additions, sales that do not add up, unbalanced
-- postings. Foreign keys of lines, taxes and tenders are checked here for a whole statement at
-- once: row by row they took a third of the time of posting (ADR-0004).

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY[
        'sales', 'sale_lines', 'line_taxes', 'tenders', 'stock_movements', 'postings']
    LOOP
        EXECUTE format(
            'CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
            'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            guarded || '_is_append_only', guarded);
    END LOOP;
END $$;

CREATE FUNCTION refuse_late_addition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    late uuid;
BEGIN
    -- `now()` is the start of the transaction, so it equals `posted_at` only within it.
    SELECT a.sale_id INTO late
    FROM added a LEFT JOIN sales s ON s.store_id = a.store_id AND s.id = a.sale_id
    WHERE s.posted_at IS DISTINCT FROM now() LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% of sale % refused: lines, taxes and tenders come in one transaction '
            'with their sale. Nothing was posted.', TG_TABLE_NAME, late
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION refuse_late_addition IS
    'Rows that belong to a sale need that sale, recorded by the same transaction.';

CREATE TRIGGER line_comes_with_its_sale AFTER INSERT ON sale_lines
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_addition();
CREATE TRIGGER tender_comes_with_its_sale AFTER INSERT ON tenders
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_addition();
CREATE TRIGGER tax_comes_with_its_sale AFTER INSERT ON line_taxes
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_addition();

CREATE FUNCTION refuse_unbalanced_postings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT source_id, currency, sum(amount_minor) AS difference INTO wrong
    FROM added GROUP BY store_id, source_id, currency HAVING sum(amount_minor) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Postings of % differ by % minor units of %: debits must equal credits. '
            'Nothing was posted.', wrong.source_id, wrong.difference, wrong.currency
            USING ERRCODE = 'check_violation', CONSTRAINT = 'postings_are_balanced';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION refuse_unbalanced_postings IS
    'Per document and currency, the postings of one statement must sum to zero.';

CREATE TRIGGER postings_are_balanced AFTER INSERT ON postings
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced_postings();

CREATE FUNCTION refuse_sale_that_does_not_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lines record;
    paid record;
BEGIN
    SELECT count(*) AS count, sum(total_minor) AS total, sum(tax_minor) AS tax INTO lines
    FROM sale_lines WHERE store_id = NEW.store_id AND sale_id = NEW.id;
    SELECT coalesce(sum(given_minor), 0) AS given, coalesce(sum(kept_minor), 0) AS kept INTO paid
    FROM tenders WHERE store_id = NEW.store_id AND sale_id = NEW.id;
    IF (lines.count, lines.total, lines.tax, paid.given, paid.kept) IS DISTINCT FROM (
        NEW.line_count::bigint, NEW.total_minor - NEW.rounding_minor, NEW.tax_minor,
        NEW.tendered_minor, NEW.total_minor)
    THEN
        RAISE EXCEPTION 'Sale % (%) does not add up to its total of % minor units: its lines and '
            'tenders must. Nothing was posted.', NEW.receipt_number, NEW.id, NEW.total_minor
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sale_adds_up';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION refuse_sale_that_does_not_add_up IS
    'Lines, taxes and tenders of a sale, looked at before it is committed, make up its total.';

CREATE CONSTRAINT TRIGGER sale_adds_up AFTER INSERT ON sales
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_sale_that_does_not_add_up();
