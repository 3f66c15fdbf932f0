// Why an offer cannot be booked where Necto could rent the machine, but is not set up to: the words and the settings it lacks.

/** `needs` are that provider's own settings; what renting needs anywhere is named after them. */
export const cannotStart = (provider: string, ...needs: readonly string[]): string =>
  `Necto cannot start jobs on ${provider} yet: ${[...needs, 'BROKER_PAYOUT_ADDRESS'].join(', ')} or MACHINES_URL is not set`
