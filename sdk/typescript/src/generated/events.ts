// What a webhook tells.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { ContentEvent, PingEvent, PostEvent, SocialAccountEvent } from "./models.js";

/** One of the events; `type` tells which. */
export type WebhookEvent = ContentEvent | PingEvent | PostEvent | SocialAccountEvent;
