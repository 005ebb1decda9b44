/** Text that is safe to stand in a page. */
export class Html {
  constructor(readonly text: string) {}
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A piece of a page: whatever is put in is escaped, unless it is itself such a piece. */
export function html(
  parts: TemplateStringsArray,
  ...values: (string | number | Html | readonly Html[])[]
): Html {
  return new Html(
    parts.reduce(
      (text, part, index) => text + show(values[index - 1] ?? "") + part,
    ),
  );
}

function show(value: string | number | Html | readonly Html[]): string {
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(({ text }) => text).join("");
  return String(value).replace(
    /[&<>"']/g,
    (character) => ENTITIES[character] ?? character,
  );
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2328;background:#fff}
a{color:#0969da}pre{white-space:pre-wrap;background:#f6f8fa;padding:.8rem;border-radius:6px;overflow-wrap:anywhere}
.label{border:1px solid #d0d7de;border-radius:1rem;padding:0 .6rem;font-size:.85em}.by{color:#59636e;font-size:.9em}
@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}a{color:#58a6ff}pre{background:#161b22}.by{color:#9198a1}}`;

/** A whole page. */
export const page = (title: string, body: Html): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html>`.text;
