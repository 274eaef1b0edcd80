-- migrate:up

-- What the looks at a text message whose outcome is not known have shown, as one document. `asked_since` and
-- `missing_since` are read by workers of earlier versions only, and can be dropped once none of those runs any more.
ALTER TABLE text_messages ADD COLUMN looks jsonb;
