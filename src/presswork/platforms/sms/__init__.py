"""Text messages by a service that speaks Twilio's Messages API, and drafts that reach their creator as one."""
