import { expect, test } from "@jest/globals";
import { makeTargets } from "./make-targets.js";

test.each([
  ["test: unit lint\n\tnpm: test\n", ["test"]],
  ["test unit:: ; @true\n", ["test", "unit"]],
  ["a \\\n  b &: c\n", ["a", "b"]],
  ["out/app.bin ./x-1: main.c\n", ["out/app.bin", "./x-1"]],
  ["test: CC = gcc\ntest : build\n", ["test"]],
  ["A := b\nB ::= c\nC :::= d\nD = e:f\nE ?= g:h\n# test: x\n", []],
  ["$(NAME): x\n%.o: %.c\n.PHONY: test\n.SUFFIXES:\n: x\n", []],
  ["", []],
])("of %j", (text, targets) => {
  expect(makeTargets(text)).toEqual(targets);
});

test("a line without end is read once, and a name that no path could have is none", () => {
  const line = " ".repeat(8_000_000);
  const longest = "x".repeat(4_096);
  const text = `${line}\n${"x".repeat(8_000_000)}:\n${longest}x ${longest}:`;
  expect(makeTargets(text)).toEqual([longest]);
});
