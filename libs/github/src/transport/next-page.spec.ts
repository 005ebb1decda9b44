import { expect, test } from "@jest/globals";
import { nextPage } from "./next-page.js";

const linked = (link?: string) =>
  nextPage({ status: 200, data: [], headers: { link } });
const list = "https://api.github.com/repositories/1/issues";

test("where a list goes on is read from its link, by number or by mark", () => {
  expect(
    linked(
      `<${list}?page=1>; rel="prev", <${list}?since=x&page=3>; rel="next"`,
    ),
  ).toEqual({ page: "3" });
  expect(linked(`<${list}?after=Y3V%3D&page=2>; rel="next"`)).toEqual({
    after: "Y3V=",
    page: "2",
  });
  expect(linked(`<${list}?cursor=v1_7>; rel="next"`)).toEqual({
    cursor: "v1_7",
  });
});

test("a list without such a link is at its end", () => {
  expect(linked()).toBeUndefined();
  expect(linked(`<${list}?page=1>; rel="first"`)).toBeUndefined();
  expect(linked(`<no address>; rel="next"`)).toBeUndefined();
});

test("nothing else of the link goes into the next request", () => {
  expect(linked(`<${list}?baseUrl=http://other&page=2>; rel="next"`)).toEqual({
    page: "2",
  });
});
