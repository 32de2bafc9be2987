/**
 * Guarantee: what a run promises about events when something fails.
 *
 * - `at-most-once`: no event is applied twice; what is in flight at a fault may be lost
 * - `at-least-once`: every event is applied; after a fault some are applied again
 * - `exactly-once`: state, collected results and what transactional sinks write are as if nothing had failed
 */

export type Guarantee = "at-most-once" | "at-least-once" | "exactly-once";
