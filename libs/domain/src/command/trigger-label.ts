/** Longer than any label that GitHub accepts. */
const MAX_LABEL_LENGTH = 100;

/**
 * Reads a label that asks for a run: `adw` for the default workflow, `adw:<workflow>` for a named one.
 *
 * @returns undefined when the label asks for nothing; a null workflow means the default one.
 */
export function parseTriggerLabel(
  label: string,
): { readonly workflow: string | null } | undefined {
  if (label.length > MAX_LABEL_LENGTH) return undefined;
  const name = label.trim().toLowerCase();
  if (name === "adw") return { workflow: null };
  const workflow = /^adw:\s*([a-z][a-z0-9_.-]{0,63})$/.exec(name)?.[1];
  return workflow === undefined ? undefined : { workflow };
}
