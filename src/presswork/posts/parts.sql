-- name: has_operator_phone(organization, environment)
-- Whether there is a verified phone number for drafts by SMS. One verified in `live` counts in both environments.
EXISTS (SELECT FROM operators WHERE organization_id = {organization} AND is_primary
   AND CASE WHEN {environment}::text = 'test' AND has_test_phone THEN test_phone_verified_at IS NOT NULL
            ELSE phone_verified_in IN ('live', {environment}::text) END)

-- name: probed_media(container)
-- The media of a container in order, as preflight and the warnings of publishing read them.
SELECT json_agg(json_build_object('asset_id', m.id, 'probe', m.probe::json) ORDER BY m.position)
  FROM media_assets m WHERE m.container_id = {container} AND m.probe IS NOT NULL
