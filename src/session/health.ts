/** The service that answers health checks. */
import { type Attachable, unary } from "./attachable.ts";

/** `grpc.health.v1.HealthCheckResponse{status: SERVING}` */
const SERVING = Uint8Array.of(0x08, 0x01);

/**
 * Answers the daemon's health checks (every 5 s; every 1 s by BuildKit 0.8). Without it, or while the event loop is
 * blocked for longer than about 30 s (0.8: 5 s), the daemon drops the session and the build fails at its next use.
 */
export function healthService(): Attachable {
  return { methods: new Map([["/grpc.health.v1.Health/Check", unary(async () => SERVING)]]) };
}
