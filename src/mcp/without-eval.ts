/** Imported before the SDK: its schemas (zod) would make code from strings, which nothing of bktui does. */
import { config } from "zod/v4/core";

config({ jitless: true });
