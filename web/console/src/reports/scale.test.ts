import { expect, it } from "vitest";
import { roundUp, roundUpTime } from "./scale";

it("a scale ends at a round number that is not below the largest value", () => {
  expect([0, 0.4, 1, 7, 23, 51, 100, 101].map(roundUp)).toEqual([1, 0.5, 1, 10, 50, 100, 100, 200]);
});

it("a scale of time ends at a length whose half is easily said", () => {
  expect([0, 45, 61, 3700, 90_000].map(roundUpTime)).toEqual([2, 60, 120, 7200, 172_800]);
});
