-- How well searches along vector indexes find what an exact search finds.
create or replace view analytics.index_recall with (security_invoker = true) as
select r.organization_id, (r.measured_at at time zone 'UTC')::date as day, m.name as model, r.passages, r.questions,
       r.recall, r.low, r.high, r.short, r.measured_at
from knowledge.index_recalls r
join knowledge.embedding_models m on m.organization_id = r.organization_id and m.id = r.embedding_model_id;
alter view analytics.index_recall owner to millrace_owner;
grant select on analytics.index_recall to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.index_recall is $$Recall of vector indexes, as measured each night: in all sources, in the largest, and in one of middling size.
Example: the latest of each model and scope:
select distinct on (model, passages) model, passages, recall, low, high from analytics.index_recall
order by model, passages, measured_at desc;$$;
comment on column analytics.index_recall.organization_id is 'Whose it is.';
comment on column analytics.index_recall.day is 'The day of UTC on which it was measured.';
comment on column analytics.index_recall.model is 'The embedding model whose vectors the index holds.';
comment on column analytics.index_recall.passages is 'How many passages were searched.';
comment on column analytics.index_recall.questions is 'How many vectors were searched for.';
comment on column analytics.index_recall.recall is 'The share of the ten nearest that was found.';
comment on column analytics.index_recall.low is 'The lower end of its 95 % interval (Wilson).';
comment on column analytics.index_recall.high is 'The upper end.';
comment on column analytics.index_recall.short is 'Answers that had fewer passages than the exact ones.';
comment on column analytics.index_recall.measured_at is 'When it was measured.';
