import { loadConfig } from "@pullwright/platform";
import { openGitHub, openRuntime } from "../index.js";

// A process that writes once, to be killed meanwhile. It gives GitHub a second, and so it has its turn for three.
const runtime = await openRuntime("writer", loadConfig());
const github = openGitHub(runtime, { requestTimeoutMs: 1_000 });
await github.comments.create({ owner: "octo", name: "demo" }, 1, "hello");
