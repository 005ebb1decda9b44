import type { Turn } from "./scripted-model.js";

/** Has the sample repository's bug mended. */
export const MEND: Turn = {
  run: `apply_patch <<'EOF'
*** Begin Patch
*** Update File: src/split-bill.js
@@
-  return Array.from({ length: people }, () => share);
+  const rest = totalCents - share * people;
+  return Array.from({ length: people }, (_, at) => share + (at < rest ? 1 : 0));
*** End Patch
EOF`,
};
