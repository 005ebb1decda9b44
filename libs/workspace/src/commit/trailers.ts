/** Which attempt made a commit. */
export interface CommitTrailers {
  readonly Run: string;
  readonly Phase: string;
  readonly Attempt: string;
}

const LINE = /^(Run|Phase|Attempt): (\S+)$/;
const CONTROL = /[\0-\x08\x0b-\x1f\x7f]/g;
const MAX_MESSAGE_LENGTH = 20_000;

/** The message with its trailers as a paragraph of its own, so that nothing in the text before can pass for one. */
export function messageWithTrailers(
  message: string,
  trailers: CommitTrailers,
): string {
  const text = message
    .replaceAll("\r\n", "\n")
    .replaceAll(CONTROL, "")
    .slice(0, MAX_MESSAGE_LENGTH)
    .trim();
  const lines = [
    `Run: ${word(trailers.Run)}`,
    `Phase: ${word(trailers.Phase)}`,
    `Attempt: ${word(trailers.Attempt)}`,
  ];
  return `${text === "" ? "Change" : text}\n\n${lines.join("\n")}\n`;
}

/** The trailers of a commit message; undefined when its last paragraph is not exactly ours. */
export function trailersOf(message: string): CommitTrailers | undefined {
  const lines = message.trimEnd().split("\n\n").at(-1)?.split("\n") ?? [];
  const found = new Map(
    lines
      .map((line) => LINE.exec(line))
      .map((match) => [match?.[1], match?.[2]]),
  );
  const Run = found.get("Run");
  const Phase = found.get("Phase");
  const Attempt = found.get("Attempt");
  if (
    lines.length !== 3 ||
    Run === undefined ||
    Phase === undefined ||
    Attempt === undefined
  )
    return undefined;
  return { Run, Phase, Attempt };
}

function word(value: string): string {
  return value.trim().replaceAll(/\s+/g, "-");
}
