-- migrate:up

-- The address of a review link lets anyone who has it decide, so it goes only to endpoints that callers with content:approve
-- made and changed last. Who made the existing ones is not known: one change by such a caller confirms them.
ALTER TABLE webhook_endpoints
    ADD COLUMN made_by_approver boolean NOT NULL DEFAULT true,
    ADD COLUMN changed_by_approver boolean NOT NULL DEFAULT false;
ALTER TABLE webhook_endpoints ALTER COLUMN made_by_approver SET DEFAULT false;
