{{ config(materialized='incremental', unique_key='prompt', tmp_relation_type='table') }}
select prompt, length(completion) as size from {{ ref('docs_train') }}
{% if is_incremental() %}
where prompt not in (select prompt from {{ this }})
{% endif %}
