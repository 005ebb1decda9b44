import { expect, test } from "@jest/globals";
import { renderDiff } from "./diff.js";
import { colours, noColours } from "./paint.js";

const patch = `diff --git a/specs/plan.md b/specs/plan.md
new file mode 100644
--- /dev/null
+++ b/specs/plan.md
@@ -0,0 +1,2 @@
+# Plan
+Mend it.
diff --git a/src/a.js b/src/a.js
index 1111111..2222222 100644
--- a/src/a.js
+++ b/src/a.js
@@ -1,2 +1,2 @@
 kept
-old\u001B[2J
+new
`;

test("a patch is shown as it is, save for what could steer the terminal", () => {
  expect(renderDiff(patch, noColours).join("\n")).toBe(
    patch.trimEnd().replace("\u001B[2J", ""),
  );
});

test("added and removed lines have their colours", () => {
  const lines = renderDiff(patch, colours);
  expect(lines).toContain(colours.green("+new"));
  expect(lines).toContain(colours.red("-old"));
  expect(lines).toContain(" kept");
});

test("a file may be named in place of being shown", () => {
  const lines = renderDiff(patch, noColours, (path) =>
    path.startsWith("specs/"),
  );
  expect(lines[0]).toBe("+ specs/plan.md (2 lines)");
  expect(lines[1]).toBe("diff --git a/src/a.js b/src/a.js");
});
