-- migrate:up
-- Tracks for test projects of an installation without a catalogue of its own. None of them exists.

ALTER TABLE tiktok_tracks ADD COLUMN is_sample boolean NOT NULL DEFAULT false;

INSERT INTO tiktok_tracks (id, title, author, album, duration_seconds, language, user_count, is_commerce_music, link,
                           updated_at, is_sample)
SELECT t.id::uuid, t.title, t.author, 'Sandbox Sampler', t.seconds, t.language, t.uses, t.is_commercial,
       'https://music.example/' || lower(replace(t.title, ' ', '-')), now(), true
  FROM (VALUES ('5a3d0000-0000-4000-8000-000000000001', 'Flour Dust', 'The Bakers', 30.5, 'en', 120000, true),
               ('5a3d0000-0000-4000-8000-000000000002', 'First Tray Out', 'The Bakers', 45, 'en', 81000, true),
               ('5a3d0000-0000-4000-8000-000000000003', 'Sauerteig', 'Ofenkollektiv', 60, 'de', 42000, true),
               ('5a3d0000-0000-4000-8000-000000000004', 'Levain du Matin', 'Les Boulangers', 27.2, 'fr', 17000, true),
               ('5a3d0000-0000-4000-8000-000000000005', 'Rolling Pin Blues', 'Rye Trio', 58.9, 'en', 9500, false),
               ('5a3d0000-0000-4000-8000-000000000006', 'Cooling Rack', 'Rye Trio', 33, NULL, 1200, false))
    AS t (id, title, author, seconds, language, uses, is_commercial);
