-- What a filter compares: words, numbers and instants that a document's own fields say, and the date of a document.
-- What says none (a number that is a word, a day that does not exist, nothing at all) is never an error, and never such.
create or replace function knowledge.is_such_text(said text, test text, wanted text[]) returns boolean
    language sql immutable parallel safe
    as $$
        select coalesce(case test
            when 'in' then said = any (wanted)
            when 'contains' then position(lower(wanted[1]) in lower(said)) > 0
            when 'lt' then said collate "C" < wanted[1]
            when 'lte' then said collate "C" <= wanted[1]
            when 'gt' then said collate "C" > wanted[1]
            when 'gte' then said collate "C" >= wanted[1]
        end, false)
    $$;
create or replace function knowledge.number_said(said text) returns numeric
    language sql immutable parallel safe
    as $$
        select case when said ~ '^\s*[-+]?([0-9]{1,40}([.][0-9]{0,40})?|[.][0-9]{1,40})([eE][-+]?[0-9]{1,2})?\s*$'
                    then said::numeric end
    $$;
create or replace function knowledge.instant_said(said text) returns timestamptz
    language plpgsql immutable parallel safe set search_path = pg_catalog set timezone = 'UTC' set datestyle = 'ISO'
    as $$
    begin
        -- without a zone UTC is meant
        if said ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[-+][0-9]{2}(:?[0-9]{2})?)?)?$' then
            return said::timestamptz;
        end if;
        return null;
    exception when datetime_field_overflow or invalid_datetime_format or invalid_time_zone_displacement_value then
        return null;
    end
    $$;
create or replace function knowledge.is_such_number(said numeric, test text, wanted numeric[]) returns boolean
    language sql immutable parallel safe
    as $$
        select coalesce(case test
            when 'in' then said = any (wanted)
            when 'lt' then said < wanted[1]
            when 'lte' then said <= wanted[1]
            when 'gt' then said > wanted[1]
            when 'gte' then said >= wanted[1]
        end, false)
    $$;
create or replace function knowledge.is_such_instant(said timestamptz, test text, wanted timestamptz[]) returns boolean
    language sql immutable parallel safe
    as $$
        select coalesce(case test
            when 'in' then said = any (wanted)
            when 'lt' then said < wanted[1]
            when 'lte' then said <= wanted[1]
            when 'gt' then said > wanted[1]
            when 'gte' then said >= wanted[1]
        end, false)
    $$;
-- Its own date is when its source says that it was changed; where the source does not say, when what it says now arrived.
create or replace function knowledge.date_of(document knowledge.documents) returns timestamptz
    language sql stable parallel safe
    as $$
        select coalesce(
            timestamptz '1970-01-01 00:00:00+00' + document.modified_ns / 1000 * interval '1 microsecond',
            (select v.created_at from knowledge.document_versions v
             where v.organization_id = document.organization_id and v.id = document.current_version_id))
    $$;
alter function knowledge.is_such_text(text, text, text[]) owner to millrace_owner;
alter function knowledge.number_said(text) owner to millrace_owner;
alter function knowledge.instant_said(text) owner to millrace_owner;
alter function knowledge.is_such_number(numeric, text, numeric[]) owner to millrace_owner;
alter function knowledge.is_such_instant(timestamptz, text, timestamptz[]) owner to millrace_owner;
alter function knowledge.date_of(knowledge.documents) owner to millrace_owner;
comment on function knowledge.is_such_text(text, text, text[]) is 'Whether a field says such words; upper and lower case are one for contains alone.';
comment on function knowledge.number_said(text) is 'The number that a field says, null where it says none.';
comment on function knowledge.instant_said(text) is 'The instant that a field says in ISO 8601, UTC where it names no zone; null where it says none.';
comment on function knowledge.is_such_number(numeric, text, numeric[]) is 'Whether a number is such.';
comment on function knowledge.is_such_instant(timestamptz, text, timestamptz[]) is 'Whether an instant is such.';
comment on function knowledge.date_of(knowledge.documents) is 'When its source changed a document; where that is not known, when its content arrived.';
