/** What a handler answers. `null` as body: none. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const created = (body: object & { readonly url?: unknown }): Reply => ({
  status: 201,
  body,
  ...(typeof body.url === "string" ? { headers: { location: body.url } } : {}),
});
export const accepted = (body: unknown = {}): Reply => ({ status: 202, body });
export const noContent = (): Reply => ({ status: 204, body: null });
