-- break_off: builds of a version that never said that they ended: what ran them was killed.
update bots.builds set state = 'broken off'
where organization_id = %(organization_id)s and model_config_version_id = %(version_id)s and state = 'running';

-- begin: a build is begun, with what is foreseen of it.
insert into bots.builds
    (organization_id, model_config_version_id, dagster_run_id, foreseen_chunks, foreseen_vectors, foreseen_tokens,
     foreseen_bytes, foreseen_cost, foreseen_seconds)
values
    (%(organization_id)s, %(version_id)s, %(run_id)s, %(foreseen_chunks)s, %(foreseen_vectors)s, %(foreseen_tokens)s,
     %(foreseen_bytes)s, %(foreseen_cost)s, %(foreseen_seconds)s)
returning id;

-- finish: what a build made, and how long that took.
update bots.builds
set state = 'finished', chunks = %(chunks)s, vectors = %(vectors)s, reused = %(reused)s, refused = %(refused)s,
    tokens = %(tokens)s, cost = %(cost)s, ended_at = clock_timestamp(),
    seconds = extract(epoch from clock_timestamp() - started_at)
where organization_id = %(organization_id)s and id = %(id)s;

-- fail: why a build ended before its end.
update bots.builds
set state = 'failed', reason = %(reason)s, ended_at = clock_timestamp(),
    seconds = extract(epoch from clock_timestamp() - started_at)
where organization_id = %(organization_id)s and id = %(id)s;

-- select_of_version: the builds of a version, the newest first.
select id, model_config_version_id, state, dagster_run_id, foreseen_chunks, foreseen_vectors, foreseen_tokens,
    foreseen_bytes, foreseen_cost, foreseen_seconds, chunks, vectors, reused, refused, tokens, cost, seconds, reason,
    started_at, ended_at
from bots.builds
where organization_id = %(organization_id)s and model_config_version_id = %(version_id)s
order by started_at desc, id;

-- select_speeds: how long the latest builds by a model took; a passage that was cut and a vector that was made are a piece.
select b.chunks + b.vectors as pieces, b.seconds
from bots.builds b
join bots.model_config_versions v on v.organization_id = %(organization_id)s and v.id = b.model_config_version_id
where b.organization_id = %(organization_id)s and v.embedding_model = %(embedding_model)s
  and b.state = 'finished' and b.chunks + b.vectors >= %(at_least)s
order by b.started_at desc
limit 5;
