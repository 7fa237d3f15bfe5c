{{ config(materialized='view', copy_grants=true, persist_docs={'relation': true, 'columns': true}) }}
select question as prompt, answer as completion
from {{ ref('doc_pairs') }}
where split = 'train'
