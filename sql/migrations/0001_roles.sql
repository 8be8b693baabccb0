-- The roles of a cluster. None of them owns data and can log in at once; none may bypass row-level security.
--   millrace_owner      owns the tables, and is bound by their policies too (forced)
--   millrace_api        the HTTP door: reads, and writes conversations
--   millrace_pipeline   Dagster and the command line: reads and writes all, of one organization at a time
--   millrace_search     owns the function that searches words, and nothing else
--   millrace_directory  owns the functions that answer before an organization is known, and nothing else

do $$
declare
    wanted text;
begin
    foreach wanted in array '{millrace_owner,millrace_api,millrace_pipeline,millrace_search,millrace_directory}'::text[] loop
        if not exists (select from pg_roles where rolname = wanted) then
            begin
                execute format('create role %I nosuperuser nobypassrls nocreatedb nocreaterole', wanted);
            exception when duplicate_object or unique_violation then
                null; -- another database of this cluster is being migrated at the same moment
            end;
        end if;
        if not pg_has_role(current_user, wanted, 'set') then
            execute format('grant %I to current_user', wanted);
        end if;
    end loop;
end
$$;
alter role millrace_api login;
alter role millrace_pipeline login;
