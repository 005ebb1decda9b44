/**
 * Parts of a statement that calls what it made of one repository `changed` and what that was `before`: switched on again,
 * it is read as at first, so that what was asked for while it was off starts nothing. The App's log is shared, and whoever
 * was served meanwhile goes on in it.
 */
export const forgetPositions = `
  again AS (SELECT changed.id FROM changed, before WHERE changed.enabled AND NOT before.enabled),
  unread AS (DELETE FROM feeds f USING again WHERE f.repository_id = again.id),
  unlogged AS (
    DELETE FROM hook_logs h USING again
     WHERE h.name = again.id::text
        OR h.name = 'app' AND NOT EXISTS (SELECT 1 FROM repositories r WHERE r.enabled AND r.id <> again.id)
  )`;
