-- What each source cost to embed, against what answers took from it.
create or replace view analytics.source_cost with (security_invoker = true) as
select o.organization_id, o.source_id, o.source, coalesce(j.syncs, 0) as syncs,
       coalesce(j.tokens, 0) as tokens, j.cost, coalesce(c.answers, 0) as answers, coalesce(c.citations, 0) as citations,
       j.cost / nullif(c.citations, 0) as cost_per_citation, o.tags
from analytics.all_sources o
left join (
    select organization_id, data_source_id, count(*) as syncs, sum(tokens)::bigint as tokens, sum(cost) as cost
    from knowledge.training_jobs
    group by organization_id, data_source_id
) j on j.organization_id = o.organization_id and j.data_source_id = o.source_id
left join (
    select organization_id, source_id as data_source_id, sum(answers)::bigint as answers,
           sum(citations)::bigint as citations
    from analytics.daily_citations
    where document_id is null
    group by organization_id, source_id
) c on c.organization_id = o.organization_id and c.data_source_id = o.source_id
where not o.is_deleted;
alter view analytics.source_cost owner to millrace_owner;
grant select on analytics.source_cost to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.source_cost is $$One row for each source: what its vectors cost as far as its syncs are kept, and how often answers cite it.
Example: what is paid for and not used:
select source, cost, citations from analytics.source_cost where citations = 0 order by cost desc nulls last;$$;
comment on column analytics.source_cost.organization_id is 'Whose it is.';
comment on column analytics.source_cost.source_id is 'The source.';
comment on column analytics.source_cost.source is 'Its name.';
comment on column analytics.source_cost.syncs is 'Syncs that are remembered.';
comment on column analytics.source_cost.tokens is 'What they gave to embedding models.';
comment on column analytics.source_cost.cost is 'What that cost, where there was a price; null where there was none.';
comment on column analytics.source_cost.answers is 'Answers that cite it.';
comment on column analytics.source_cost.citations is 'Quotes of it in answers.';
comment on column analytics.source_cost.cost_per_citation is 'Null where nothing cites it, or nothing is known to have been paid.';
comment on column analytics.source_cost.tags is 'The tags of the source, in their order.';
