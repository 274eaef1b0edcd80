-- name: fields(post)
-- The options of a target, as fields of a post's document (events/document.sql): one line for each option of
-- `option_registry.OPTIONS`, and the privacy level that was sent.
       {post}.options::json -> 'tiktokPostSettings' AS "tiktokPostSettings",
       {post}.options::json -> 'tiktokMusic' AS "tiktokMusic",
       {post}.options::json -> 'instagramPostSettings' AS "instagramPostSettings",
       {post}.options::json -> 'threadsPostSettings' AS "threadsPostSettings",
       {post}.options::json -> 'facebookPostSettings' AS "facebookPostSettings",
       {post}.options::json -> 'youtubePostSettings' AS "youtubePostSettings",
       {post}.options::json -> 'linkedinPostSettings' AS "linkedinPostSettings",
       {post}.options::json -> 'blueskyPostSettings' AS "blueskyPostSettings",
       {post}.options::json -> 'mastodonPostSettings' AS "mastodonPostSettings",
       {post}.options::json -> 'xPostSettings' AS "xPostSettings",
       {post}.options::json -> 'telegramPostSettings' AS "telegramPostSettings",
       {post}.options::json -> 'pinterestPostSettings' AS "pinterestPostSettings",
       {post}.options::json -> 'shareReelToFeed' AS "shareReelToFeed",
       {post}.options::json -> 'autoSplit' AS "autoSplit", {post}.options::json -> 'joinParts' AS "joinParts",
       -- Not read as JSON: a post whose state is damaged ends, too, and has a document.
       CASE WHEN {post}.platform = 'tiktok' THEN substring({post}.platform_state FROM '"keep_privacy":\s*"(\w+)"')
       END AS "privacyLevel"
