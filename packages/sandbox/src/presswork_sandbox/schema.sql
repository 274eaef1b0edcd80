-- Everything the fake platforms remember. One file, one process; opened in WAL mode.
CREATE TABLE IF NOT EXISTS facts (
  name  TEXT PRIMARY KEY,      -- 'seed', 'clock_offset_seconds'
  value TEXT NOT NULL
) WITHOUT ROWID;

-- Numbers that ids are made of. A reset keeps them, so that no id is ever used twice.
CREATE TABLE IF NOT EXISTS counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS accounts (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  platform       TEXT NOT NULL,
  handle         TEXT NOT NULL COLLATE NOCASE,
  tier           TEXT NOT NULL,
  display_name   TEXT NOT NULL,
  user_id        TEXT NOT NULL,  -- Instagram's professional-account id, TikTok's open_id
  app_scoped_id  TEXT NOT NULL,  -- Instagram's id in the app, TikTok's union_id
  creator_info   TEXT NOT NULL,  -- JSON object: overrides of TikTok's creator_info
  granted_scopes TEXT,           -- JSON list; null: whatever is asked for
  settings       TEXT NOT NULL,  -- JSON object: quotaTotal, audited, verifiedPrefixes
  created_at     REAL NOT NULL,  -- sandbox time, seconds since 1970, like every time below
  UNIQUE (platform, handle)
);
CREATE INDEX IF NOT EXISTS accounts_by_user_id ON accounts (platform, user_id);

CREATE TABLE IF NOT EXISTS codes (
  code         TEXT PRIMARY KEY,
  platform     TEXT NOT NULL,
  account_id   INTEGER NOT NULL,
  client_id    TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  scopes       TEXT NOT NULL,   -- comma-separated
  challenge    TEXT,            -- TikTok's PKCE challenge
  created_at   REAL NOT NULL,
  used_at      REAL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS tokens (
  token       TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,    -- a key of PREFIXES in tokens.py
  platform    TEXT NOT NULL,
  account_id  INTEGER NOT NULL,
  grant_id    INTEGER NOT NULL, -- all tokens that descend from one consent
  client_id   TEXT NOT NULL,
  scopes      TEXT NOT NULL,    -- comma-separated
  issued_at   REAL NOT NULL,
  expires_at  REAL NOT NULL,
  dead_reason TEXT              -- null while alive; lapsed (a fault; a refresh helps), expired, revoked, rotated
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tokens_by_grant ON tokens (grant_id);
-- The app secret that was last sent for a grant: it signs the webhooks about its accounts.
CREATE TABLE IF NOT EXISTS grant_secrets (
  grant_id INTEGER PRIMARY KEY,
  secret   TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS tokens_by_account ON tokens (account_id, issued_at);

-- Media that was looked at, once per content. Posters are what the feed pages show.
CREATE TABLE IF NOT EXISTS assets (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  sha256           TEXT NOT NULL UNIQUE,
  format           TEXT NOT NULL,    -- JPEG, PNG, WEBP, MP4, MOV, WEBM, …
  content_type     TEXT NOT NULL,
  size_bytes       INTEGER NOT NULL,
  width            INTEGER NOT NULL, -- as shown, rotation applied
  height           INTEGER NOT NULL,
  duration_seconds REAL,             -- null for pictures, as the next two
  fps              REAL,
  codec            TEXT,
  poster           BLOB,             -- JPEG, at most 480 px on its longer side
  copy             TEXT              -- file name of a playable copy of a small video
);

CREATE TABLE IF NOT EXISTS containers (
  id            INTEGER PRIMARY KEY, -- Instagram's container id
  account_id    INTEGER NOT NULL,
  media_type    TEXT NOT NULL,       -- IMAGE, VIDEO, REELS, STORIES, CAROUSEL
  is_child      INTEGER NOT NULL,
  params        TEXT NOT NULL,       -- JSON object: what was sent
  caption       TEXT NOT NULL,
  children      TEXT NOT NULL,       -- JSON list of container ids
  source_url    TEXT,                -- a video still to be fetched
  asset_id      INTEGER,
  state         TEXT NOT NULL,       -- uploading, fetching, ready, error, published
  error_subcode INTEGER,
  polls         INTEGER NOT NULL DEFAULT 0,
  created_at    REAL NOT NULL,
  ready_at      REAL,
  fault_id      INTEGER,             -- the stuck_processing fault that holds it
  media_id      TEXT
);
CREATE INDEX IF NOT EXISTS containers_by_account ON containers (account_id, created_at);
CREATE INDEX IF NOT EXISTS containers_by_media ON containers (media_id) WHERE media_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS containers_fetching ON containers (state) WHERE state = 'fetching';

CREATE TABLE IF NOT EXISTS posts (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  platform        TEXT NOT NULL,
  account_id      INTEGER NOT NULL,
  kind            TEXT NOT NULL,
  external_id     TEXT NOT NULL UNIQUE,
  shortcode       TEXT,
  url             TEXT NOT NULL,
  caption         TEXT NOT NULL,
  params          TEXT NOT NULL,      -- JSON object, nested as the platform nests it
  privacy         TEXT NOT NULL,
  asset_ids       TEXT NOT NULL,      -- JSON list
  comments_on     INTEGER NOT NULL DEFAULT 1,
  created_at      REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS posts_by_account ON posts (account_id, id);
CREATE INDEX IF NOT EXISTS posts_by_shortcode ON posts (shortcode);

CREATE TABLE IF NOT EXISTS comments (
  id         INTEGER PRIMARY KEY,     -- Instagram's comment id
  media_id   TEXT NOT NULL,
  account_id INTEGER NOT NULL,
  text       TEXT NOT NULL,
  created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS comments_by_media ON comments (media_id, id);
-- What comments have beside their text; one without a row is at the top and visible, and was never changed.
CREATE TABLE IF NOT EXISTS comment_states (
  comment_id  INTEGER PRIMARY KEY,
  external_id TEXT,                     -- its id on the platform, where that is not its number
  parent_id   INTEGER,                  -- the comment that it answers
  is_hidden   INTEGER NOT NULL DEFAULT 0,
  moderation  TEXT,                     -- the platform's own word for whether others see it
  edited_at   REAL,
  removed_at  REAL
);
CREATE INDEX IF NOT EXISTS comment_states_by_external_id ON comment_states (external_id);
CREATE INDEX IF NOT EXISTS comment_states_by_parent ON comment_states (parent_id);
CREATE TABLE IF NOT EXISTS comment_likes (
  comment_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  liked_at   REAL NOT NULL,
  PRIMARY KEY (comment_id, account_id)
) WITHOUT ROWID;

-- Accounts that only ever commented: no page offers them to be connected.
CREATE TABLE IF NOT EXISTS visitors (
  account_id INTEGER PRIMARY KEY
);

-- Which app gets webhooks about which account, and about what.
CREATE TABLE IF NOT EXISTS webhook_subscriptions (
  account_id    INTEGER NOT NULL,
  host          TEXT NOT NULL,      -- at which it subscribed
  client_id     TEXT NOT NULL,
  fields        TEXT NOT NULL,      -- JSON list; of LinkedIn the URL
  subscribed_at REAL NOT NULL,
  PRIMARY KEY (account_id, host, client_id)
) WITHOUT ROWID;

-- Likes that accounts gave to posts by the API.
CREATE TABLE IF NOT EXISTS post_likes (
  post_id    INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  liked_at   REAL NOT NULL,
  PRIMARY KEY (post_id, account_id)
) WITHOUT ROWID;

-- TikTok's publish jobs: everything that a publish_id stands for, drafts included.
CREATE TABLE IF NOT EXISTS jobs (
  number           INTEGER PRIMARY KEY,
  publish_id       TEXT NOT NULL UNIQUE,
  account_id       INTEGER NOT NULL,
  mode             TEXT NOT NULL,     -- direct, inbox
  kind             TEXT NOT NULL,     -- video, photo
  source           TEXT NOT NULL,     -- FILE_UPLOAD, PULL_FROM_URL
  params           TEXT NOT NULL,     -- JSON object: the body that was sent
  caption          TEXT NOT NULL,
  privacy          TEXT NOT NULL,
  urls             TEXT NOT NULL,     -- JSON list: what TikTok pulls
  state            TEXT NOT NULL,     -- uploading, fetching, checking, processing, complete, inbox, discarded, failed
  fail_reason      TEXT,
  video_size       INTEGER NOT NULL DEFAULT 0,
  chunk_size       INTEGER NOT NULL DEFAULT 0,
  chunk_count      INTEGER NOT NULL DEFAULT 0,
  stored_bytes     INTEGER NOT NULL DEFAULT 0,  -- uploaded or downloaded
  upload_token     TEXT,
  asset_ids        TEXT NOT NULL DEFAULT '[]',
  polls            INTEGER NOT NULL DEFAULT 0,
  polls_when_over  INTEGER NOT NULL DEFAULT 0,
  created_at       REAL NOT NULL,
  received_at      REAL,
  completed_at     REAL,
  post_ids         TEXT NOT NULL DEFAULT '[]',
  fault_id         INTEGER            -- the stuck_processing fault that holds it
);
CREATE INDEX IF NOT EXISTS jobs_by_post ON jobs (account_id, post_ids);
CREATE INDEX IF NOT EXISTS jobs_open ON jobs (state) WHERE state IN ('fetching', 'checking', 'processing');
CREATE INDEX IF NOT EXISTS jobs_by_account ON jobs (account_id, mode, state);

-- Calls that count against TikTok's per-minute limits.
CREATE TABLE IF NOT EXISTS hits (
  account_id INTEGER NOT NULL,
  operation  TEXT NOT NULL,
  at         REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS hits_by_account ON hits (account_id, operation, at);

CREATE TABLE IF NOT EXISTS faults (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  platform   TEXT NOT NULL,
  operation  TEXT NOT NULL,
  handle     TEXT COLLATE NOCASE,
  fault      TEXT NOT NULL,
  remaining  INTEGER NOT NULL,        -- -1: until cleared
  skip       INTEGER NOT NULL,
  value      TEXT NOT NULL,           -- JSON object
  fired      INTEGER NOT NULL DEFAULT 0,
  created_at REAL NOT NULL
);

-- Calls whose response was lost and whose effect is still to come. The body is in the folder beside this file.
CREATE TABLE IF NOT EXISTS late_effects (
  number      INTEGER PRIMARY KEY,
  due_at      REAL NOT NULL,
  scope       TEXT NOT NULL,          -- JSON: method, path, headers and all else that a host reads
  is_complete INTEGER NOT NULL        -- 0: the client hung up before the end of the body
);

CREATE TABLE IF NOT EXISTS journal (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  at        REAL NOT NULL,
  platform  TEXT NOT NULL,
  host      TEXT NOT NULL,
  method    TEXT NOT NULL,
  path      TEXT NOT NULL,
  operation TEXT NOT NULL,
  handle    TEXT COLLATE NOCASE,
  status    INTEGER,                  -- null: the connection was cut without a response
  fault     TEXT,
  request   TEXT NOT NULL,            -- JSON, secrets redacted, as the next one
  response  TEXT NOT NULL
);

-- What the control surface set for a whole platform: JSON values by name. Unlike facts, a reset forgets them.
CREATE TABLE IF NOT EXISTS scene (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- What the platforms report by themselves: status callbacks and webhooks, each until it arrived or was given up.
CREATE TABLE IF NOT EXISTS deliveries (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  platform    TEXT NOT NULL,    -- sms, provider, tiktok: whose words and whose signature
  lane        TEXT NOT NULL,    -- deliveries of one lane go out one after the other
  handle      TEXT COLLATE NOCASE,
  event       TEXT NOT NULL,
  url         TEXT NOT NULL,
  body        TEXT NOT NULL,    -- as it goes out, byte for byte, on every attempt
  content_type TEXT NOT NULL,
  secret      TEXT NOT NULL,    -- what it is signed with
  created_at  REAL NOT NULL,
  due_at      REAL NOT NULL,
  state       TEXT NOT NULL,    -- held, waiting, delivered, given_up
  attempts    INTEGER NOT NULL DEFAULT 0,
  status      INTEGER           -- of the last attempt's response; null: none came
);
CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (due_at, id) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS deliveries_by_lane ON deliveries (lane, id) WHERE state = 'waiting';

-- Text messages.
CREATE TABLE IF NOT EXISTS messages (
  number          INTEGER PRIMARY KEY,
  sid             TEXT NOT NULL UNIQUE,
  account_sid     TEXT NOT NULL,
  auth_token      TEXT NOT NULL,      -- of the call that made it; its callbacks are signed with it
  to_number       TEXT NOT NULL,
  from_number     TEXT,
  service_sid     TEXT,
  body            TEXT NOT NULL,
  media_urls      TEXT NOT NULL,      -- JSON list
  asset_ids       TEXT NOT NULL DEFAULT '[]',
  callback        TEXT,
  status          TEXT NOT NULL,      -- accepted, queued, sending, sent, delivered, undelivered, failed
  fate            TEXT NOT NULL,      -- what it will end as: sent, delivered, undelivered, failed
  error_code      INTEGER,            -- with the status that it belongs to
  fate_code       INTEGER,
  is_fetching     INTEGER NOT NULL,   -- its media is still being fetched
  created_at      REAL NOT NULL,
  moved_at        REAL NOT NULL,      -- when it took its present status
  sent_at         REAL,
  fault_id        INTEGER             -- the stuck_processing fault that holds it
);
CREATE INDEX IF NOT EXISTS messages_by_account ON messages (account_sid, number);
CREATE INDEX IF NOT EXISTS messages_by_receiver ON messages (to_number, number);
CREATE INDEX IF NOT EXISTS messages_moving ON messages (number) 
  WHERE status IN ('accepted', 'queued', 'sending', 'sent') AND NOT (status = 'sent' AND fate = 'sent');

-- Posts handed to the managed provider.
CREATE TABLE IF NOT EXISTS dispatches (
  number        INTEGER PRIMARY KEY,
  post_id       TEXT NOT NULL UNIQUE,
  dispatch_id   TEXT NOT NULL,
  platform      TEXT NOT NULL,
  handle        TEXT NOT NULL COLLATE NOCASE,
  payload       TEXT NOT NULL,    -- JSON object: the newest body
  fingerprint   TEXT NOT NULL,    -- of its content
  behaviour     TEXT NOT NULL,    -- accept, reject, slow, never_answers
  status        TEXT NOT NULL,    -- accepted, working, published, rejected, failed, canceled
  sequence      INTEGER NOT NULL DEFAULT 1,
  external_id   TEXT,
  external_url  TEXT,
  error         TEXT,             -- JSON object: code, message
  is_fetching   INTEGER NOT NULL, -- its media is still being fetched
  media_error   TEXT,             -- the code that it will fail with
  asset_ids     TEXT NOT NULL DEFAULT '[]',
  callback      TEXT,
  deadline_at   REAL NOT NULL,
  created_at    REAL NOT NULL,
  moved_at      REAL NOT NULL,
  fault_id      INTEGER           -- the stuck_processing fault that holds it
);
CREATE INDEX IF NOT EXISTS dispatches_moving ON dispatches (number) WHERE status IN ('accepted', 'working');

-- Which accounts' Pages a person chose in Facebook's dialog; for the code first, then for every token of its grant.
CREATE TABLE IF NOT EXISTS code_pages (
  code       TEXT NOT NULL,
  account_id INTEGER NOT NULL,
  PRIMARY KEY (code, account_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS grant_pages (
  grant_id   INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  PRIMARY KEY (grant_id, account_id)
) WITHOUT ROWID;

-- What a media_error fault says about a container, beside its subcode.
CREATE TABLE IF NOT EXISTS container_errors (
  container_id INTEGER PRIMARY KEY,
  message      TEXT NOT NULL
);

-- What a reel's cover_url named.
CREATE TABLE IF NOT EXISTS covers (
  container_id INTEGER PRIMARY KEY,
  asset_id     INTEGER NOT NULL
);

-- How far the upload of a container is.
CREATE TABLE IF NOT EXISTS container_uploads (
  container_id INTEGER PRIMARY KEY,
  stored_bytes INTEGER NOT NULL,
  file_size    INTEGER NOT NULL
);

-- Public posts of TikTok whose moderation is not over yet: the event that they are to be seen is still to come.
CREATE TABLE IF NOT EXISTS moderations (
  job_number INTEGER PRIMARY KEY,
  post_id    INTEGER NOT NULL,
  due_at     REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS moderations_by_due ON moderations (due_at);

-- Posts that were taken down. They count for quotas, and are nowhere to be seen.
CREATE TABLE IF NOT EXISTS removed_posts (
  post_id INTEGER PRIMARY KEY
);
CREATE VIEW IF NOT EXISTS live_posts AS SELECT * FROM posts WHERE id NOT IN (SELECT post_id FROM removed_posts);
-- When posts were changed and taken down: the last time of each.
CREATE TABLE IF NOT EXISTS post_times (
  post_id    INTEGER PRIMARY KEY,
  edited_at  REAL,
  removed_at REAL
);

-- Numbers of posts that the control surface set or added to; all others are computed from the age of the post.
CREATE TABLE IF NOT EXISTS post_numbers (
  post_id INTEGER NOT NULL,
  name    TEXT NOT NULL,     -- as in quantities.py
  value   INTEGER,           -- null: it still grows
  added   INTEGER NOT NULL,
  set_at  REAL NOT NULL,
  PRIMARY KEY (post_id, name)
) WITHOUT ROWID;

-- Threads: its containers, and what was published as a reply. Replies to a post are its comments, too, under the same id.
CREATE TABLE IF NOT EXISTS threads_containers (
  id            INTEGER PRIMARY KEY, -- the container's id
  account_id    INTEGER NOT NULL,
  media_type    TEXT NOT NULL,       -- TEXT, IMAGE, VIDEO, CAROUSEL
  is_child      INTEGER NOT NULL,
  params        TEXT NOT NULL,       -- JSON object: what was sent
  children      TEXT NOT NULL,       -- JSON list of container ids
  source_url    TEXT,                -- a video still to be fetched
  asset_id      INTEGER,
  state         TEXT NOT NULL,       -- fetching, ready, error, published
  error_message TEXT,                -- of the state error
  polls         INTEGER NOT NULL DEFAULT 0,
  created_at    REAL NOT NULL,
  ready_at      REAL,
  fault_id      INTEGER,             -- the stuck_processing fault that holds it
  media_id      TEXT
);
CREATE INDEX IF NOT EXISTS threads_containers_by_media ON threads_containers (media_id) WHERE media_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS threads_containers_fetching ON threads_containers (state) WHERE state = 'fetching';

CREATE TABLE IF NOT EXISTS threads_replies (
  id            INTEGER PRIMARY KEY, -- the reply's media id
  account_id    INTEGER NOT NULL,
  root_id       TEXT NOT NULL,       -- the media id of the post that it is below; of a reply to nothing what it named
  replied_to_id TEXT NOT NULL,
  shortcode     TEXT NOT NULL,
  params        TEXT NOT NULL,       -- JSON object: what was sent
  asset_ids     TEXT NOT NULL,       -- JSON list
  created_at    REAL NOT NULL,
  removed_at    REAL                 -- it still counts for the quota
);
CREATE INDEX IF NOT EXISTS threads_replies_by_account ON threads_replies (account_id, created_at);
CREATE INDEX IF NOT EXISTS threads_replies_by_root ON threads_replies (root_id);
CREATE INDEX IF NOT EXISTS threads_replies_by_parent ON threads_replies (replied_to_id);
CREATE INDEX IF NOT EXISTS threads_replies_by_shortcode ON threads_replies (shortcode);

-- Facebook Pages: photos, videos, and what `posts` does not say about a post of a Page.
CREATE TABLE IF NOT EXISTS page_photos (
  id         INTEGER PRIMARY KEY,  -- Facebook's photo id
  account_id INTEGER NOT NULL,
  asset_id   INTEGER NOT NULL,
  params     TEXT NOT NULL,        -- JSON object: what was sent
  created_at REAL NOT NULL,
  post_id    TEXT,                 -- of the one post that it is in
  place      INTEGER               -- in that post, from 0
);
CREATE INDEX IF NOT EXISTS page_photos_by_post ON page_photos (post_id, place) WHERE post_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS page_videos (
  id           INTEGER PRIMARY KEY,  -- Facebook's video id
  account_id   INTEGER NOT NULL,
  client_id    TEXT NOT NULL,
  flow         TEXT NOT NULL,        -- reel, chunked, direct
  session_id   INTEGER,              -- of a chunked upload
  params       TEXT NOT NULL,        -- JSON object: what the call that publishes it sent
  file_size    INTEGER,              -- bytes, once it is known
  stored_bytes INTEGER NOT NULL DEFAULT 0,
  source_url   TEXT,                 -- a URL still to be fetched
  asset_id     INTEGER,
  state        TEXT NOT NULL,        -- uploading, fetching, checking, ready, error, deleted
  error        TEXT,                 -- JSON object: code and message
  publication  TEXT,                 -- what was asked for: PUBLISHED, DRAFT; null before
  polls        INTEGER NOT NULL DEFAULT 0,  -- status calls since both the file and the request to publish were there
  created_at   REAL NOT NULL,
  ready_at     REAL,
  finished_at  REAL,                 -- when publishing was asked for
  live_at      REAL,
  post_id      TEXT,
  fault_id     INTEGER               -- the stuck_processing fault that holds it
);
CREATE INDEX IF NOT EXISTS page_videos_by_session ON page_videos (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS page_videos_by_post ON page_videos (post_id) WHERE post_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS page_videos_moving ON page_videos (id) WHERE live_at IS NULL AND state <> 'error';
CREATE INDEX IF NOT EXISTS page_videos_by_account ON page_videos (account_id, finished_at);

CREATE TABLE IF NOT EXISTS page_posts (
  post_id    TEXT PRIMARY KEY,
  account_id INTEGER NOT NULL,
  client_id  TEXT NOT NULL,          -- the app that made it, which alone may edit it
  listed_at  REAL NOT NULL,          -- when lists and photos name it
  fault_id   INTEGER,                -- the stuck_processing fault that keeps it out of them
  draft      TEXT                    -- JSON object: an unpublished post; null for one that is live
) WITHOUT ROWID;

-- What was sent for each item of a carousel, and for each photo of a Page's post, in its order.
DROP VIEW IF EXISTS carousel_items;
CREATE VIEW carousel_items AS
  SELECT parent.media_id, place.key AS place, item.id, item.params
    FROM containers AS parent JOIN json_each(parent.children) AS place JOIN containers AS item ON item.id = place.value
  UNION ALL
  SELECT parent.media_id, place.key AS place, item.id, item.params
    FROM threads_containers AS parent JOIN json_each(parent.children) AS place
    JOIN threads_containers AS item ON item.id = place.value
  UNION ALL
  SELECT post_id, place, id, params FROM page_photos;

-- YouTube. What an authorize URL asked for beside what `codes` has.
CREATE TABLE IF NOT EXISTS youtube_codes (
  code        TEXT PRIMARY KEY,
  is_offline  INTEGER NOT NULL,
  is_prompted INTEGER NOT NULL
) WITHOUT ROWID;

-- What each Google Cloud project has used of its quotas.
CREATE TABLE IF NOT EXISTS youtube_usage (
  project TEXT NOT NULL,
  day     TEXT NOT NULL,   -- date in California
  bucket  TEXT NOT NULL,   -- uploads, units
  used    INTEGER NOT NULL,
  PRIMARY KEY (project, day, bucket)
) WITHOUT ROWID;

-- Upload sessions: each becomes at most one video.
CREATE TABLE IF NOT EXISTS youtube_sessions (
  number       INTEGER PRIMARY KEY,
  upload_id    TEXT NOT NULL UNIQUE,
  account_id   INTEGER NOT NULL,
  params       TEXT NOT NULL,      -- JSON object: the query and the parts that were sent
  resource     TEXT NOT NULL,      -- JSON object: snippet and status as they will be stored
  total_bytes  INTEGER,            -- null: not known yet
  stored_bytes INTEGER NOT NULL DEFAULT 0,
  state        TEXT NOT NULL,      -- open, complete, canceled
  answer       TEXT,               -- JSON: the video, once complete
  created_at   REAL NOT NULL,
  failure      TEXT,               -- the reason of a media_error fault
  fault_id     INTEGER             -- the stuck_processing fault that holds it
);

CREATE TABLE IF NOT EXISTS youtube_videos (
  number       INTEGER PRIMARY KEY,
  video_id     TEXT NOT NULL UNIQUE,
  account_id   INTEGER NOT NULL,
  params       TEXT NOT NULL,      -- JSON object: the query that was sent with it
  resource     TEXT NOT NULL,      -- JSON object: snippet and status as they are
  is_locked    INTEGER NOT NULL,   -- uploaded by a project without an audit: private for good
  state        TEXT NOT NULL,      -- uploaded, processed, failed, rejected, deleted
  reason       TEXT,               -- of failed and rejected; the one that it will end with while it is uploaded
  asset_id     INTEGER,
  size_bytes   INTEGER NOT NULL,
  thumbnail_id INTEGER,
  polls        INTEGER NOT NULL DEFAULT 0,
  uploaded_at  REAL NOT NULL,
  published_at REAL,               -- when it became public
  publish_at   REAL,               -- when it will, while it is private
  fault_id     INTEGER             -- the stuck_processing fault that holds it
);
CREATE INDEX IF NOT EXISTS youtube_videos_by_account ON youtube_videos (account_id, number);
CREATE INDEX IF NOT EXISTS youtube_videos_to_publish ON youtube_videos (publish_at) WHERE publish_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS youtube_videos_moving ON youtube_videos (number) WHERE state = 'uploaded';
-- Those that are not deleted. One whose post was taken down through the control surface is; one that failed never has a post.
CREATE VIEW IF NOT EXISTS youtube_present_videos AS SELECT * FROM youtube_videos
 WHERE state IN ('failed', 'rejected')
    OR (state <> 'deleted' AND EXISTS (SELECT 1 FROM live_posts WHERE external_id = video_id));

CREATE TABLE IF NOT EXISTS youtube_playlists (
  number      INTEGER PRIMARY KEY,
  playlist_id TEXT NOT NULL UNIQUE,
  account_id  INTEGER NOT NULL,
  title       TEXT NOT NULL,
  description TEXT NOT NULL,
  privacy     TEXT NOT NULL,
  created_at  REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS youtube_playlists_by_account ON youtube_playlists (account_id, number);

-- A video can be in a playlist more than once.
CREATE TABLE IF NOT EXISTS youtube_playlist_items (
  number      INTEGER PRIMARY KEY,
  item_id     TEXT NOT NULL UNIQUE,
  playlist_id TEXT NOT NULL,
  video_id    TEXT NOT NULL,
  position    INTEGER NOT NULL,    -- from 0, without gaps
  note        TEXT NOT NULL,
  added_at    REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS youtube_playlist_items_by_place ON youtube_playlist_items (playlist_id, position);
CREATE INDEX IF NOT EXISTS youtube_playlist_items_by_video ON youtube_playlist_items (video_id);

CREATE TABLE IF NOT EXISTS youtube_captions (
  number     INTEGER PRIMARY KEY,
  caption_id TEXT NOT NULL UNIQUE,
  video_id   TEXT NOT NULL,
  language   TEXT NOT NULL,
  name       TEXT NOT NULL,
  is_draft   INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  failure    TEXT,                 -- why it will end as failed
  created_at REAL NOT NULL,
  UNIQUE (video_id, language, name)
);

-- LinkedIn: files on their way, by the URN that a post names.
CREATE TABLE IF NOT EXISTS linkedin_uploads (
  number       INTEGER PRIMARY KEY,
  urn          TEXT NOT NULL UNIQUE,
  name         TEXT NOT NULL UNIQUE, -- the end of the URN, which the upload URL has
  kind         TEXT NOT NULL,        -- image, video, document
  account_id   INTEGER NOT NULL,
  owner        TEXT NOT NULL,        -- URN of the person or the organization
  state        TEXT NOT NULL,        -- waiting, checking, processing, failed
  size_bytes   INTEGER NOT NULL,     -- announced, of a video
  secret       TEXT NOT NULL,
  upload_token TEXT NOT NULL,
  etags        TEXT NOT NULL,        -- JSON list, one for each part; null: still to come
  polls        INTEGER NOT NULL DEFAULT 0,
  asset_id     INTEGER,
  failure      TEXT,
  created_at   REAL NOT NULL,
  received_at  REAL,
  fault_id     INTEGER               -- the stuck_processing fault that holds it
);
CREATE INDEX IF NOT EXISTS linkedin_uploads_checking ON linkedin_uploads (state) WHERE state = 'checking';

-- LinkedIn's posts, those included that are not live.
CREATE TABLE IF NOT EXISTS linkedin_posts (
  urn        TEXT PRIMARY KEY,
  account_id INTEGER NOT NULL,
  author     TEXT NOT NULL,          -- URN
  state      TEXT NOT NULL,          -- requested, published, failed, draft, deleted
  sent       TEXT NOT NULL,          -- JSON object: the body
  shown      TEXT NOT NULL,          -- the commentary as people see it
  kept       TEXT NOT NULL,          -- the commentary up to where it was cut
  media      TEXT NOT NULL,          -- JSON list of URNs, or of the URL of an article
  asset_ids  TEXT NOT NULL,          -- JSON list
  created_at REAL NOT NULL,
  fault_id   INTEGER                 -- the stuck_processing fault that holds it
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS linkedin_posts_by_author ON linkedin_posts (author, created_at);
CREATE INDEX IF NOT EXISTS linkedin_posts_requested ON linkedin_posts (state) WHERE state = 'requested';

-- As whom a comment was written: a page's administrator may be the actor, or the page.
CREATE TABLE IF NOT EXISTS linkedin_actors (
  comment_id INTEGER PRIMARY KEY,
  actor      TEXT NOT NULL
);

-- What LinkedIn reports to the administrators of pages, for 60 days: the body of each notification.
CREATE TABLE IF NOT EXISTS linkedin_notifications (
  id         INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,   -- the page
  action     TEXT NOT NULL,
  body       TEXT NOT NULL,      -- JSON object
  at         REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS linkedin_notifications_by_account ON linkedin_notifications (account_id, id);

-- Calls of LinkedIn's API in a day of UTC, of an app by one person; account 0: by all of them.
CREATE TABLE IF NOT EXISTS linkedin_calls (
  day        INTEGER NOT NULL,
  client_id  TEXT NOT NULL,
  account_id INTEGER NOT NULL,
  calls      INTEGER NOT NULL,
  PRIMARY KEY (day, client_id, account_id)
) WITHOUT ROWID;

-- Bluesky
-- Authorization requests that apps pushed, until their code is exchanged; then they say which grant came of it.
CREATE TABLE IF NOT EXISTS bluesky_requests (
  request_uri  TEXT PRIMARY KEY,
  client_id    TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  state        TEXT NOT NULL,
  scopes       TEXT NOT NULL,   -- separated by spaces
  challenge    TEXT NOT NULL,   -- of PKCE, S256
  issuer       TEXT NOT NULL,   -- of the OAuth server, as the app reaches it
  key_id       TEXT,            -- of the app's own key; null for an app without one
  proof_key    TEXT,            -- thumbprint of the key of its DPoP proof, if one came
  expires_at   REAL NOT NULL,
  code         TEXT UNIQUE,     -- once the person approved
  grant_id     INTEGER          -- once the code was exchanged
) WITHOUT ROWID;
-- What tokens of OAuth are bound to.
CREATE TABLE IF NOT EXISTS bluesky_grants (
  grant_id  INTEGER PRIMARY KEY,
  proof_key TEXT NOT NULL,
  key_id    TEXT,
  ends_at   REAL NOT NULL       -- of the session, however often it is refreshed
);
-- Ids of DPoP proofs and client assertions, which work once.
CREATE TABLE IF NOT EXISTS bluesky_proofs (
  id      TEXT PRIMARY KEY,
  used_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bluesky_blobs (
  account_id   INTEGER NOT NULL,
  cid          TEXT NOT NULL,
  media_type   TEXT NOT NULL,
  size_bytes   INTEGER NOT NULL,
  asset_id     INTEGER,         -- null for what is neither picture nor video
  is_permanent INTEGER NOT NULL, -- a record refers to it, or once did
  created_at   REAL NOT NULL,
  PRIMARY KEY (account_id, cid)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bluesky_records (
  account_id INTEGER NOT NULL,
  collection TEXT NOT NULL,
  rkey       TEXT NOT NULL,
  cid        TEXT NOT NULL,
  value      TEXT NOT NULL,     -- JSON object
  blobs      TEXT NOT NULL,     -- JSON list of CIDs
  comment    INTEGER,           -- number of the comment that a reply is shown as
  indexed_at REAL NOT NULL,
  PRIMARY KEY (account_id, collection, rkey)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS bluesky_replies ON bluesky_records (value ->> '$.reply.parent.uri')
  WHERE collection = 'app.bsky.feed.post';
CREATE INDEX IF NOT EXISTS bluesky_likes ON bluesky_records (value ->> '$.subject.uri')
  WHERE collection = 'app.bsky.feed.like';
CREATE INDEX IF NOT EXISTS bluesky_reposts ON bluesky_records (value ->> '$.subject.uri')
  WHERE collection = 'app.bsky.feed.repost';
-- Posts that were deleted: the AppView shows them a moment longer.
CREATE TABLE IF NOT EXISTS bluesky_deleted (
  account_id INTEGER NOT NULL,
  rkey       TEXT NOT NULL,
  cid        TEXT NOT NULL,
  value      TEXT NOT NULL,     -- JSON object
  comment    INTEGER,           -- number of the comment that a reply was shown as
  indexed_at REAL NOT NULL,
  deleted_at REAL NOT NULL,
  PRIMARY KEY (account_id, rkey)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bluesky_repos (
  account_id INTEGER PRIMARY KEY,
  rev        TEXT NOT NULL,
  commit_cid TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS bluesky_windows (
  name      TEXT NOT NULL,
  key       TEXT NOT NULL,
  used      INTEGER NOT NULL,
  resets_at REAL NOT NULL,
  PRIMARY KEY (name, key)
) WITHOUT ROWID;
-- Videos in the video service.
CREATE TABLE IF NOT EXISTS bluesky_jobs (
  number       INTEGER PRIMARY KEY,
  job_id       TEXT NOT NULL UNIQUE,
  account_id   INTEGER NOT NULL,
  cid          TEXT NOT NULL,
  size_bytes   INTEGER NOT NULL,
  asset_id     INTEGER,
  failure_code TEXT,
  message      TEXT NOT NULL DEFAULT '',
  polls        INTEGER NOT NULL DEFAULT 0,
  is_delivered INTEGER NOT NULL DEFAULT 0, -- its blob is with the account's server
  created_at   REAL NOT NULL,
  fault_id     INTEGER          -- the stuck_processing fault that holds it
);
CREATE INDEX IF NOT EXISTS bluesky_jobs_by_account ON bluesky_jobs (account_id, created_at);
-- Uploads of videos in parts, which lie in the folder beside this file.
CREATE TABLE IF NOT EXISTS bluesky_uploads (
  number           INTEGER PRIMARY KEY,
  job_id           TEXT NOT NULL UNIQUE,
  account_id       INTEGER NOT NULL,
  size_bytes       INTEGER NOT NULL,
  received         TEXT NOT NULL DEFAULT '[]',      -- JSON list of the parts that are there, from 1
  state            TEXT NOT NULL DEFAULT 'created', -- created, completed, aborted, expired
  completed_job_id TEXT,
  created_at       REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS bluesky_uploads_open ON bluesky_uploads (account_id) WHERE state = 'created';

-- Mastodon: apps of each server.
CREATE TABLE IF NOT EXISTS mastodon_apps (
  client_id     TEXT PRIMARY KEY,
  host          TEXT NOT NULL,
  name          TEXT NOT NULL,
  website       TEXT,
  client_secret TEXT NOT NULL,
  redirect_uris TEXT NOT NULL,    -- JSON list
  scopes        TEXT NOT NULL     -- separated by spaces
) WITHOUT ROWID;
-- The server of each code and of each login.
CREATE TABLE IF NOT EXISTS mastodon_codes (
  code TEXT PRIMARY KEY,
  host TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mastodon_grants (
  grant_id INTEGER PRIMARY KEY,
  host     TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS mastodon_media (
  id           INTEGER PRIMARY KEY,
  host         TEXT NOT NULL,
  account_id   INTEGER NOT NULL,
  asset_id     INTEGER NOT NULL,
  is_video     INTEGER NOT NULL,
  description  TEXT NOT NULL,
  focus        TEXT NOT NULL,
  thumbnail_id INTEGER,
  failure      TEXT,
  is_held      INTEGER NOT NULL DEFAULT 0, -- a fault made it need processing
  polls        INTEGER NOT NULL DEFAULT 0,
  status_id    INTEGER,                    -- of the one post that has it
  created_at   REAL NOT NULL,
  fault_id     INTEGER                     -- the stuck_processing fault that holds it
);
CREATE INDEX IF NOT EXISTS mastodon_media_unattached ON mastodon_media (created_at) WHERE status_id IS NULL;
-- Posts and replies. A post without a parent is in `posts` too, and a reply is a comment of its root, under the same number.
CREATE TABLE IF NOT EXISTS mastodon_statuses (
  id         INTEGER PRIMARY KEY,
  host       TEXT NOT NULL,
  account_id INTEGER NOT NULL,
  client_id  TEXT NOT NULL,        -- "" for what people write in the app
  parent_id  INTEGER,
  root_id    INTEGER NOT NULL,     -- its own id where it has no parent
  params     TEXT NOT NULL,        -- JSON object: what was sent
  media_ids  TEXT NOT NULL,        -- JSON list
  created_at REAL NOT NULL,
  edited_at  REAL,
  removed_at REAL
);
CREATE INDEX IF NOT EXISTS mastodon_statuses_by_account ON mastodon_statuses (account_id, id);
CREATE INDEX IF NOT EXISTS mastodon_statuses_by_parent ON mastodon_statuses (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS mastodon_statuses_by_root ON mastodon_statuses (root_id);
CREATE TABLE IF NOT EXISTS mastodon_keys (
  account_id INTEGER NOT NULL,
  host       TEXT NOT NULL,
  key        TEXT NOT NULL,        -- of the header Idempotency-Key
  status_id  INTEGER NOT NULL,
  stored_at  REAL NOT NULL,
  PRIMARY KEY (account_id, host, key)
) WITHOUT ROWID;

-- Pinterest: the world of each login, which is its API host.
CREATE TABLE IF NOT EXISTS pinterest_grants (
  grant_id INTEGER PRIMARY KEY,
  host     TEXT NOT NULL,
  rotates  INTEGER NOT NULL        -- each refresh gives a new refresh token
);
CREATE TABLE IF NOT EXISTS pinterest_boards (
  number      INTEGER PRIMARY KEY,
  board_id    TEXT NOT NULL UNIQUE,
  account_id  INTEGER NOT NULL,
  host        TEXT NOT NULL,
  name        TEXT NOT NULL,
  description TEXT NOT NULL,
  privacy     TEXT NOT NULL,       -- PUBLIC, PROTECTED, SECRET
  created_at  REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS pinterest_boards_by_account ON pinterest_boards (account_id, number);
CREATE TABLE IF NOT EXISTS pinterest_sections (
  number     INTEGER PRIMARY KEY,
  section_id TEXT NOT NULL UNIQUE,
  board_id   TEXT NOT NULL,
  name       TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS pinterest_sections_by_board ON pinterest_sections (board_id, number);
CREATE TABLE IF NOT EXISTS pinterest_pins (
  number     INTEGER PRIMARY KEY,
  pin_id     TEXT NOT NULL UNIQUE,
  account_id INTEGER NOT NULL,
  host       TEXT NOT NULL,
  board_id   TEXT NOT NULL,
  cover_id   INTEGER,              -- number of the asset that is the cover of a video
  created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS pinterest_pins_by_account ON pinterest_pins (account_id, number);
CREATE INDEX IF NOT EXISTS pinterest_pins_by_board ON pinterest_pins (board_id, number);
CREATE TABLE IF NOT EXISTS pinterest_media (
  number     INTEGER PRIMARY KEY,
  media_id   TEXT NOT NULL UNIQUE,
  account_id INTEGER NOT NULL,
  host       TEXT NOT NULL,
  policy     TEXT NOT NULL UNIQUE, -- the secret in the parameters of its upload
  asset_id   INTEGER,
  failure    TEXT,
  polls      INTEGER NOT NULL DEFAULT 0,
  created_at REAL NOT NULL,
  stored_at  REAL,                 -- when its bytes were there; null: only registered
  fault_id   INTEGER               -- the stuck_processing fault that holds it
);
