-- create: how a metric differs between two versions.
insert into bots.version_comparisons
    (organization_id, evaluation_set_id, baseline_id, candidate_id, metric, queries, baseline_value, candidate_value,
     difference, low, high, p_value, won, lost, compared, moved, overlap_at_10)
values
    (%(organization_id)s, %(evaluation_set_id)s, %(baseline_id)s, %(candidate_id)s, %(metric)s, %(queries)s,
     %(baseline_value)s, %(candidate_value)s, %(difference)s, %(low)s, %(high)s, %(p_value)s, %(won)s, %(lost)s,
     %(compared)s, %(moved)s, %(overlap_at_10)s);

-- select_latest: the newest comparison of two versions, by set, all together first; first the metric that decides.
select
    c.evaluation_set_id, s.name as evaluation_set, c.baseline_id, c.candidate_id, c.metric, c.queries, c.baseline_value,
    c.candidate_value, c.difference, c.low, c.high, c.p_value, c.won, c.lost, c.compared, c.moved, c.overlap_at_10,
    c.created_at
from bots.version_comparisons c
left join bots.evaluation_sets s on s.organization_id = %(organization_id)s and s.id = c.evaluation_set_id
where c.organization_id = %(organization_id)s and c.candidate_id = %(candidate_id)s and c.baseline_id = %(baseline_id)s
  and c.created_at = (
      select max(n.created_at) from bots.version_comparisons n
      where n.organization_id = %(organization_id)s and n.candidate_id = %(candidate_id)s
        and n.baseline_id = %(baseline_id)s)
order by c.evaluation_set_id is not null, s.name, c.metric <> 'ndcg_at_10', c.metric desc;
