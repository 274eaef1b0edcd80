// Every resource of a client, by name.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { Call, Parts, RequestOptions } from "../calls.js";
import type { Transport } from "../transport.js";
import type { Pages } from "../pages.js";
import type { ApiPromise } from "../responses.js";
import { Publishing } from "../publishing.js";
import { Content } from "../content.js";
import { Approval } from "./approval.js";
import { SocialAccounts } from "./social-accounts.js";
import { Projects } from "./projects.js";
import { Layers } from "./layers.js";
import { Operators } from "./operators.js";
import { Webhooks } from "../webhooks.js";
import { Music } from "./music.js";
import { ApiKeys } from "./api-keys.js";
import { AuditLog } from "./audit-log.js";
import { Service } from "./service.js";

/** Every resource of a client, by name. */
export abstract class Resources implements Transport {
  /** Send content to accounts, now or later, and watch it go live. */
  readonly publishing = new Publishing(this);
  /** Bring videos, pictures and slideshows in. */
  readonly content = new Content(this);
  /** Have content looked at before it goes out. */
  readonly approval = new Approval(this);
  /** Connect Instagram and TikTok accounts. */
  readonly socialAccounts = new SocialAccounts(this);
  /** Keep the content and accounts of one customer together. */
  readonly projects = new Projects(this);
  /** Hand accounts to a managed provider. */
  readonly layers = new Layers(this);
  /** People who are reached by phone. */
  readonly operators = new Operators(this);
  /** Be told what happens, and check who tells it. */
  readonly webhooks = new Webhooks(this);
  /** The catalogue of TikTok tracks. */
  readonly music = new Music(this);
  /** Make, change and end API keys. */
  readonly apiKeys = new ApiKeys(this);
  /** Who changed what, and when. */
  readonly auditLog = new AuditLog(this);
  /** Who you are, and how the service is. */
  readonly service = new Service(this);

  abstract call<T>(call: Call, parts: Parts, options?: RequestOptions): ApiPromise<T>;
  abstract page<T, P>(
    call: Call,
    rows: (answer: P) => readonly T[],
    parts: Parts,
    options?: RequestOptions,
  ): Pages<T, P>;
  abstract put(url: string, file: Blob, headers: Readonly<Record<string, string>>): Promise<void>;
}
