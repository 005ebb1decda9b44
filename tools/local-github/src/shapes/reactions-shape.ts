import type { Reaction } from "../state/model.js";
import type { Urls } from "../state/urls.js";
import { nodeId } from "./node-id.js";
import { iso } from "./time.js";
import { userShape } from "./user-shape.js";

export const REACTIONS = [
  "+1",
  "-1",
  "laugh",
  "confused",
  "heart",
  "hooray",
  "rocket",
  "eyes",
] as const;

export function reactionsShape(url: string, reactions: readonly Reaction[]) {
  const count = (content: string) =>
    reactions.filter((reaction) => reaction.content === content).length;
  return {
    url: `${url}/reactions`,
    total_count: reactions.length,
    "+1": count("+1"),
    "-1": count("-1"),
    laugh: count("laugh"),
    confused: count("confused"),
    heart: count("heart"),
    hooray: count("hooray"),
    rocket: count("rocket"),
    eyes: count("eyes"),
  };
}

export const reactionShape = (urls: Urls, reaction: Reaction) => ({
  id: reaction.id,
  node_id: nodeId("reaction", reaction.id),
  user: userShape(urls, reaction.user),
  content: reaction.content,
  created_at: iso(reaction.createdAt),
});
