// Bodies of the API that are younger than the console.

export type * from "./admin";
export type * from "./library";
export type * from "./tickets";
