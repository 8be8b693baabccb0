-- ask: somebody wants it; what waits already is that request.
insert into bots.configuration_requests (organization_id, model_config_version_id, job)
values (%(organization_id)s, %(version_id)s, %(job)s)
on conflict (organization_id, model_config_version_id, job) where begun_at is null do update set job = excluded.job
returning id, model_config_version_id as version_id, job, created_at, begun_at;

-- select_of_version: what was asked for of a configuration, the latest first.
select id, model_config_version_id as version_id, job, created_at, begun_at
from bots.configuration_requests
where organization_id = %(organization_id)s and model_config_version_id = %(version_id)s
order by created_at desc, id
limit 20;

-- set_begun: a run does it now.
update bots.configuration_requests set begun_at = clock_timestamp()
where organization_id = %(organization_id)s and model_config_version_id = %(version_id)s and job = %(job)s
  and begun_at is null;

-- select_waiting: what nobody has begun with (any organization).
select id, organization_slug, model_config_version_id as version_id, job, minutes from bots.waiting_configurations();
