-- select_all: what each source holds, does, costs and gives: at present, and of the days of a filter its syncs.
select v.source, v.source_id, v.documents, v.ready, v.pending, v.failed, v.cited, coalesce(k.chunks, 0) as chunks,
       coalesce(j.syncs, 0) as syncs, coalesce(j.failed_syncs, 0) as failed_syncs, coalesce(j.changed, 0) as changed,
       coalesce(j.deleted, 0) as deleted,
       coalesce(f.parked, 0) as parked, coalesce(f.retrying, 0) as retrying
from analytics.source_coverage v
left join (
    select data_source_id, count(*) as chunks from knowledge.chunks
    where organization_id = %(organization_id)s and is_active
    group by data_source_id
) k on k.data_source_id = v.source_id
left join (
    select data_source_id, count(*) as syncs, count(*) filter (where status = 'failed') as failed_syncs,
           sum(changed)::bigint as changed, sum(deleted)::bigint as deleted
    from knowledge.training_jobs
    where organization_id = %(organization_id)s
      and created_at >= %(since)s::date::timestamp at time zone 'UTC'
      and created_at < %(until)s::date::timestamp at time zone 'UTC'
    group by data_source_id
) j on j.data_source_id = v.source_id
left join (
    select data_source_id, count(*) filter (where state = 'parked') as parked,
           count(*) filter (where state = 'retrying') as retrying
    from knowledge.sync_failures
    where organization_id = %(organization_id)s
    group by data_source_id
) f on f.data_source_id = v.source_id
where v.organization_id = %(organization_id)s
  and (%(source)s::text is null or v.source = %(source)s::text)
  and (%(tag)s::text is null or %(tag)s::text = any (v.tags))
order by v.source;

-- select_growth: how many documents each source gained and lost in periods; all that came before as the first of them.
select case when e.at >= %(since)s::date::timestamp at time zone 'UTC'
            then date_trunc(%(each)s::text, e.at at time zone 'UTC')::date end as period,
       o.source, sum(e.gained)::bigint as gained, sum(e.lost)::bigint as lost
from knowledge.documents d
join analytics.all_sources o on o.organization_id = %(organization_id)s and o.source_id = d.data_source_id
cross join lateral (values (d.created_at, 1, 0), (d.soft_deleted_at, 0, 1)) e (at, gained, lost)
where d.organization_id = %(organization_id)s and not o.is_deleted
  and e.at < %(until)s::date::timestamp at time zone 'UTC'
  and (%(source)s::text is null or o.source = %(source)s::text)
  and (%(language)s::text is null or d.language = %(language)s::text)
  and (%(tag)s::text is null or %(tag)s::text = any (o.tags))
group by 1, 2
order by period nulls first, o.source;

-- select_syncs: how syncs ended, by period.
select date_trunc(%(each)s::text, j.created_at at time zone 'UTC')::date as period,
       count(*) filter (where j.status in ('completed', 'cleanup_completed')) as completed,
       count(*) filter (where j.status = 'failed') as failed,
       coalesce(sum(j.changed), 0)::bigint as changed, coalesce(sum(j.failed), 0)::bigint as failed_items
from knowledge.training_jobs j
join analytics.all_sources o on o.organization_id = %(organization_id)s and o.source_id = j.data_source_id
where j.organization_id = %(organization_id)s
  and j.created_at >= %(since)s::date::timestamp at time zone 'UTC'
  and j.created_at < %(until)s::date::timestamp at time zone 'UTC'
  and (%(source)s::text is null or o.source = %(source)s::text)
  and (%(tag)s::text is null or %(tag)s::text = any (o.tags))
group by 1
order by 1;

-- select_failures: what fails and waits, the most first.
select f.source, f.stage, f.outcome, f.state, f.items, f.oldest, f.most_attempts
from analytics.failures_backlog f
where f.organization_id = %(organization_id)s
  and (%(source)s::text is null or f.source = %(source)s::text)
  and (%(tag)s::text is null or %(tag)s::text = any (f.tags))
order by f.items desc, f.source, f.stage, f.outcome, f.state
limit %(at_most)s;

-- select_never_cited: served documents that no answer ever cited, the oldest first, and how many their source has.
select d.document_id, d.source, d.path, d.title, d.language, d.days, count(*) over (partition by d.source) as of_source
from analytics.never_cited_documents d
where d.organization_id = %(organization_id)s
  and (%(source)s::text is null or d.source = %(source)s::text)
  and (%(language)s::text is null or d.language = %(language)s::text)
  and (%(tag)s::text is null or %(tag)s::text = any (d.tags))
order by d.days desc, d.source, d.path
limit %(at_most)s;

-- select_disliked: documents whose answers were disliked, the most first.
select d.document_id, d.source, d.path, d.title, d.language, d.answers, d.liked, d.disliked
from analytics.disliked_documents d
where d.organization_id = %(organization_id)s
  and (%(source)s::text is null or d.source = %(source)s::text)
  and (%(language)s::text is null or d.language = %(language)s::text)
  and (%(tag)s::text is null or %(tag)s::text = any (d.tags))
order by d.disliked desc, d.liked, d.document_id
limit %(at_most)s;

-- select_ids: the sources by name, for addresses.
select o.name, o.id from knowledge.data_sources o
where o.organization_id = %(organization_id)s and o.deleted_at is null;

-- select_costs: what each source cost in all and in the days of a filter, and how often it is cited, the dearest first.
select c.source, c.source_id, c.answers, c.citations, c.cost as cost_in_all, c.cost_per_citation,
       coalesce(j.tokens, 0) as tokens, j.cost
from analytics.source_cost c
left join (
    select data_source_id, sum(tokens)::bigint as tokens, sum(cost) as cost
    from knowledge.training_jobs
    where organization_id = %(organization_id)s
      and created_at >= %(since)s::date::timestamp at time zone 'UTC'
      and created_at < %(until)s::date::timestamp at time zone 'UTC'
    group by data_source_id
) j on j.data_source_id = c.source_id
where c.organization_id = %(organization_id)s
  and (%(source)s::text is null or c.source = %(source)s::text)
  and (%(tag)s::text is null or %(tag)s::text = any (c.tags))
order by c.cost desc nulls last, c.source;
