"""Text messages by a service that implements Twilio's Messages API, and drafts that reach their creator as one."""
