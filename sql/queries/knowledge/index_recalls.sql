-- create: what was measured of an index in a scope.
insert into knowledge.index_recalls
    (organization_id, embedding_model_id, passages, questions, recall, low, high, short)
values (%(organization_id)s, %(embedding_model_id)s, %(passages)s, %(questions)s, %(recall)s, %(low)s, %(high)s,
        %(short)s);

-- select_days: what was measured on some days, of UTC.
select m.name as model, r.passages, r.questions, r.recall, r.low, r.high, r.short, r.measured_at
from knowledge.index_recalls r
join knowledge.embedding_models m on m.organization_id = %(organization_id)s and m.id = r.embedding_model_id
where r.organization_id = %(organization_id)s
  and r.measured_at >= %(since)s::date::timestamp at time zone 'UTC'
  and r.measured_at < %(until)s::date::timestamp at time zone 'UTC'
order by r.measured_at, m.name, r.passages desc;
