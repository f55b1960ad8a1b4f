-- What else a model may be for. Wider only: routes stay as they are.

ALTER TABLE routes DROP CONSTRAINT routes_operations_check;
ALTER TABLE routes ADD CONSTRAINT routes_operations_check
    CHECK (cardinality(operations) > 0 AND operations <@ ARRAY['chat', 'completion', 'embedding', 'moderation', 'rerank',
        'image', 'speech', 'transcription']);
