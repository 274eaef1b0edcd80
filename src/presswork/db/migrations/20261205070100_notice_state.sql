-- migrate:up

-- What `presswork doctor` looks for: channels that the other side refused, and who waits for e-mails.
CREATE INDEX notice_channels_refused ON notice_channels (id) WHERE status = 'paused' AND paused_reason <> 'by_request';
CREATE INDEX notice_channels_by_mail ON notice_channels (id) WHERE status = 'active' AND kind = 'email';
CREATE INDEX notification_preferences_by_mail ON notification_preferences (user_id) WHERE email;

-- migrate:down

DROP INDEX notification_preferences_by_mail;
DROP INDEX notice_channels_by_mail;
DROP INDEX notice_channels_refused;
