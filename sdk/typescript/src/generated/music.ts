// The catalogue of TikTok tracks.
// Written by `python -m generator`; change the API or the generator, not this file.

import type { RequestOptions } from "../calls.js";
import type { Transport } from "../transport.js";
import type { Pages } from "../pages.js";
import type { Catalogue, Track } from "./models.js";
import type { MusicListParams } from "./params.js";

/** The catalogue of TikTok tracks. */
export class Music {
  constructor(protected readonly client: Transport) {}

  /**
   * List TikTok tracks.
   *
   * List the catalogue, most used tracks first. The operator fills it with `presswork music import`.
   *
   * Scope: `publish:read`.
   *
   * @throws ForbiddenScopeError, InternalError, KillSwitchError, RateLimitedError, UnauthenticatedError,
   * UnavailableError, ValidationError.
   */
  list(params: MusicListParams = {}, options?: RequestOptions): Pages<Track, Catalogue> {
    const { q, limit } = params;
    return this.client.page<Track, Catalogue>(
      { method: "GET", path: "/v1/tiktok-music", takesKey: false },
      (answer) => answer.tracks,
      { query: { q, limit } },
      options,
    );
  }
}
