// Where the scale of a chart ends.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LENGTHS = [
  ...[2, 10, 20, 40],
  ...[1, 2, 4, 10, 20, 40].map((minutes) => minutes * MINUTE),
  ...[1, 2, 4, 8, 16, 24].map((hours) => hours * HOUR),
];

/** The smallest of 1, 2, 5, 10, 20, 50 … that is not below the value. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((each) => each * power >= value) ?? 10;
  return step * power;
}

/** A length of time in seconds that is not below the value and has a half that is easily said. */
export function roundUpTime(seconds: number): number {
  const known = LENGTHS.find((length) => length >= seconds);
  return known ?? roundUp(seconds / DAY) * DAY;
}
