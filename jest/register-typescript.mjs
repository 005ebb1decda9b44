// Lets plain Node run the workspace's TypeScript without a build: for Jest's own process and for the
// child processes that specs start (`node --import <this file> some-fixture.ts`).
import { register } from "node:module";

register("./typescript-hooks.mjs", import.meta.url);
