// Who changed what, and when.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { RequestOptions } from "../calls.js";
import type { Transport } from "../transport.js";
import type { Pages } from "../pages.js";
import type { AuditEntry, AuditEntryPage } from "./models.js";
import type { AuditLogListParams } from "./params.js";

/** Who changed what, and when. */
export class AuditLog {
  constructor(protected readonly client: Transport) {}

  /**
   * Read the audit log.
   *
   * Tell who did what in the key's organization and environment, newest first. Lines are only ever added.
   *
   * What belongs to both environments, such as operators, is told to the keys of each.
   *
   * Scope: `org:admin`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
   * UnavailableError, ValidationError.
   */
  list(params: AuditLogListParams = {}, options?: RequestOptions): Pages<AuditEntry, AuditEntryPage> {
    const { action, actor, keyId, objectId, since, until, limit } = params;
    return this.client.page<AuditEntry, AuditEntryPage>(
      { method: "GET", path: "/v1/audit-log", takesKey: false },
      (answer) => answer.items,
      { query: { action, actor, keyId, objectId, since, until, limit } },
      options,
    );
  }
}
