-- migrate:up

-- The options of a post that only its platform knows, in one JSON document by their wire names, as validated by the
-- platform. The fields of a document that were not requested are null.
ALTER TABLE scheduled_posts ADD COLUMN options text;
UPDATE scheduled_posts
   SET options = (SELECT json_object_agg(o.name, o.value)
                    FROM (VALUES ('tiktokPostSettings',
                                  '{"privacyLevel": null, "disableComment": null, "disableDuet": null, "disableStitch": null,
                                    "isBrandOrganic": null, "isBrandedContent": null}'::jsonb
                                  || tiktok_post_settings::jsonb),
                                 ('tiktokMusic', '{"mode": null, "trackId": null}'::jsonb || tiktok_music::jsonb),
                                 ('shareReelToFeed', to_jsonb(share_reel_to_feed))) AS o(name, value)
                   WHERE o.value IS NOT NULL)::text
 WHERE tiktok_post_settings IS NOT NULL OR tiktok_music IS NOT NULL OR share_reel_to_feed IS NOT NULL;
ALTER TABLE scheduled_posts DROP COLUMN tiktok_post_settings, DROP COLUMN tiktok_music, DROP COLUMN share_reel_to_feed;

ALTER TABLE media_assets ADD COLUMN alt_text text CHECK (length(alt_text) <= 1000);
