import { randomBytes } from "node:crypto";
import { startLocalGitHub } from "@pullwright/local-github";
import { serveParent } from "../stage/child.js";

/** A GitHub with one large repository. Apart from the workspace's own process: starting git takes the longer the more memory the parent has. */
const { FOLDER = "", FILES = "", FILE_BYTES = "" } = process.env;
const REPOSITORY = "acme/large";

const github = await startLocalGitHub({ dataDir: FOLDER });
for (const login of ["acme", "bot"]) github.addUser({ login });
await github.createRepository({
  owner: "acme",
  name: "large",
  files: sourceFiles(Number(FILES), Number(FILE_BYTES)),
});
github.setCollaborator(REPOSITORY, "bot", "write");
serveParent({
  cloneUrl: `${github.url}/${REPOSITORY}.git`,
  token: github.createToken({ user: "bot" }),
});

/** Text that compresses about as well as source code does. */
function sourceFiles(count: number, bytes: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (let index = 0; index < count; index += 1) {
    const noise = randomBytes(bytes / 4).toString("hex");
    const text = noise.repeat(3).slice(0, bytes - 1);
    const folder = `src/package-${(index % 100).toString()}/part-${(index % 7).toString()}`;
    files[`${folder}/file-${index.toString()}.ts`] = `${text}\n`;
  }
  return files;
}
