-- migrate:up

-- Where people reach the sandbox, as the API that started last knows it. The links of test posts are made from it, in
-- responses and in events, which statements of the worker write. NULL: the sandbox is off.
CREATE TABLE sandbox_location (
    is_current boolean PRIMARY KEY CHECK (is_current),
    url        text
);
