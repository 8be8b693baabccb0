-- create: a document is to be pushed in parts; none where too many are unfinished already.
insert into knowledge.partial_uploads
    (organization_id, data_source_id, path, file_size, checksum, media_type, title, address, expires_at)
select %(organization_id)s, %(data_source_id)s, %(path)s, %(file_size)s, %(checksum)s, %(media_type)s, %(title)s,
    %(address)s, clock_timestamp() + %(seconds)s * interval '1 second'
where (select count(*) from knowledge.partial_uploads
       where organization_id = %(organization_id)s and outcome is null) < %(most)s
returning id, data_source_id, path, file_size, received, checksum, media_type, title, address, outcome, expires_at;

-- find: a document that is being pushed in parts, as long as it is waited for.
select id, data_source_id, path, file_size, received, checksum, media_type, title, address, outcome, expires_at
from knowledge.partial_uploads
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and id = %(id)s
  and expires_at > clock_timestamp();

-- select_unfinished: what is being pushed into a source, the oldest first.
select id, data_source_id, path, file_size, received, checksum, media_type, title, address, outcome, expires_at
from knowledge.partial_uploads
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and outcome is null
  and expires_at > clock_timestamp()
order by created_at, id
limit %(at_most)s;

-- advance: some more has come; nothing where something else came in its place meanwhile.
update knowledge.partial_uploads
set received = received + %(size)s, expires_at = clock_timestamp() + %(seconds)s * interval '1 second'
where organization_id = %(organization_id)s and id = %(id)s and received = %(start)s and outcome is null
returning id;

-- finish: all has come, and was accepted.
update knowledge.partial_uploads set received = file_size, outcome = %(outcome)s
where organization_id = %(organization_id)s and id = %(id)s and outcome is null;

-- remove: a document is not pushed after all.
delete from knowledge.partial_uploads
where organization_id = %(organization_id)s and id = %(id)s;

-- select_over: what nobody went on with, or is done since a while.
select id from knowledge.partial_uploads
where organization_id = %(organization_id)s and expires_at <= clock_timestamp()
order by id
for update skip locked;

-- select_of_source: all that is, or was lately, being pushed into a source.
select id from knowledge.partial_uploads
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s
order by id
for update;
