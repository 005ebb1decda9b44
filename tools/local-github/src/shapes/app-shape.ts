import type { App, Installation } from "../state/model.js";
import type { Urls } from "../state/urls.js";
import { nodeId } from "./node-id.js";
import { iso } from "./time.js";
import { userShape } from "./user-shape.js";

export const appShape = (urls: Urls, app: App) => ({
  id: app.id,
  slug: app.slug,
  client_id: app.clientId,
  node_id: nodeId("app", app.id),
  owner: userShape(urls, app.owner),
  name: app.name,
  description: "",
  external_url: `${urls.server}/apps/${app.slug}`,
  html_url: `${urls.server}/apps/${app.slug}`,
  created_at: iso(app.createdAt),
  updated_at: iso(app.createdAt),
  permissions: app.permissions,
  events: app.events,
});

export const appOrNull = (urls: Urls, app: App | undefined) =>
  app ? appShape(urls, app) : null;

export const installationShape = (urls: Urls, installation: Installation) => ({
  id: installation.id,
  client_id: installation.app.clientId,
  account: userShape(urls, installation.account),
  repository_selection: "selected" as const,
  access_tokens_url: `${urls.api}/app/installations/${installation.id}/access_tokens`,
  repositories_url: `${urls.api}/installation/repositories`,
  html_url: `${urls.server}/settings/installations/${installation.id}`,
  app_id: installation.app.id,
  app_slug: installation.app.slug,
  target_id: installation.account.id,
  target_type: installation.account.type,
  permissions: installation.permissions,
  events: installation.app.events,
  created_at: iso(installation.createdAt),
  updated_at: iso(installation.createdAt),
  single_file_name: null,
  has_multiple_single_files: false,
  single_file_paths: [],
  suspended_by: null,
  suspended_at: null,
});

/** How a webhook names the installation through which it came. */
export const installationReference = (installation: Installation) => ({
  id: installation.id,
  node_id: nodeId("installation", installation.id),
});
