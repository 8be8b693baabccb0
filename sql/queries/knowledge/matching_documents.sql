-- select_unknown: names of sources, tags and kinds of file that the organization does not have.
select 'source', w.name
from unnest(%(sources)s::text[]) w (name)
where not exists (select from knowledge.data_sources s
                  where s.organization_id = %(organization_id)s and s.deleted_at is null and w.name in (s.name, s.id::text))
union all
select 'tag', w.name
from unnest(%(tags)s::text[]) w (name)
where not exists (select from knowledge.tags t
                  where t.organization_id = %(organization_id)s and t.deleted_at is null and w.name in (t.name, t.id::text))
union all
select 'kind of file', w.name
from unnest(%(file_types)s::text[]) w (name)
where not exists (select from knowledge.file_types f
                  where f.organization_id = %(organization_id)s
                    and (w.name in (f.name, f.id::text) or w.name = any (f.extensions)))
order by 1, 2;
