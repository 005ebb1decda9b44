import type { Delivery, Hook } from "../state/model.js";
import { repositoryUrl, type Urls } from "../state/urls.js";
import { iso } from "./time.js";

export function hookShape(urls: Urls, hook: Hook) {
  const url = hookUrl(urls, hook);
  const last = hook.deliveries.at(-1);
  return {
    type: hook.target.type === "repository" ? "Repository" : "App",
    id: hook.id,
    name: "web",
    active: hook.active,
    events: hook.events,
    config: hookConfigShape(hook),
    updated_at: iso(hook.updatedAt),
    created_at: iso(hook.createdAt),
    url,
    test_url: `${url}/test`,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    last_response:
      last === undefined
        ? { code: null, status: "unused", message: null }
        : {
            code: last.statusCode,
            status: last.statusCode < 400 ? "active" : "misconfigured",
            message: last.status,
          },
  };
}

/** GitHub never tells a secret again; it shows that there is one. */
export const hookConfigShape = (hook: Hook) => ({
  content_type: hook.contentType,
  insecure_ssl: "0",
  url: hook.url,
  ...(hook.secret === null ? {} : { secret: "********" }),
});

const hookUrl = (urls: Urls, hook: Hook) =>
  hook.target.type === "repository"
    ? `${repositoryUrl(urls, hook.target.repository)}/hooks/${hook.id}`
    : `${urls.api}/app/hook`;

export const deliveryShape = (delivery: Delivery) => ({
  id: delivery.id,
  guid: delivery.guid,
  delivered_at: iso(delivery.deliveredAt),
  redelivery: delivery.redelivery,
  duration: delivery.durationSeconds,
  status: delivery.status,
  status_code: delivery.statusCode,
  event: delivery.event,
  action: delivery.action,
  installation_id: delivery.installationId,
  repository_id: delivery.repositoryId,
  throttled_at: null,
});

export const fullDeliveryShape = (hook: Hook, delivery: Delivery) => ({
  ...deliveryShape(delivery),
  url: hook.url,
  request: {
    headers: delivery.requestHeaders,
    payload: JSON.parse(delivery.payload) as unknown,
  },
  response: {
    headers: delivery.responseHeaders,
    payload: delivery.responseBody,
  },
});
