// What engines judge differently, so that a record sealed by an older one replays as it was decided.

export interface Rules {
  /** Engine 1 rejected what cannot be booked also when an ask only compares prices. */
  readonly alwaysBookable: boolean
}

export const engine1Rules: Rules = { alwaysBookable: true }
export const engine2Rules: Rules = { alwaysBookable: false }
