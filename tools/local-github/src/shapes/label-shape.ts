import type { Label, Repository } from "../state/model.js";
import { repositoryUrl, type Urls } from "../state/urls.js";
import { nodeId } from "./node-id.js";

export const labelShape = (
  urls: Urls,
  repository: Repository,
  label: Label,
) => ({
  id: label.id,
  node_id: nodeId("label", label.id),
  url: `${repositoryUrl(urls, repository)}/labels/${encodeURIComponent(label.name)}`,
  name: label.name,
  color: label.color,
  default: false,
  description: label.description,
});
