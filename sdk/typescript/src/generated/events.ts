// What a webhook tells.
// Written by `python -m generator`; change the API or the generator, not this file.

/** One of the events; `type` tells which. */
export type WebhookEvent = { readonly id: string; readonly type: string };
