/** vitest setupFiles of the project "e2e": every program that a test starts finds the code of an earlier run. */
import { inject } from "vitest";
import { takeKeptCode } from "./kept-code.ts";

takeKeptCode(inject("keptCode"));
