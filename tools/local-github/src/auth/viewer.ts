import type { Actor, App, Token } from "../state/model.js";

/** Who asks: nobody, the owner of a token, or an App by its JSON web token. */
export type Viewer =
  | { readonly kind: "anonymous" }
  | { readonly kind: "token"; readonly token: Token; readonly actor: Actor }
  | { readonly kind: "app"; readonly app: App };

/** Whose quota a request uses, and the name that the journal gives. */
export function viewerName(viewer: Viewer): string | null {
  switch (viewer.kind) {
    case "anonymous":
      return null;
    case "app":
      return viewer.app.slug;
    case "token":
      return viewer.token.user.login;
  }
}
