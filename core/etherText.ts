// Amounts of a chain's own coin for people: four significant digits are enough to see whether it will do.
import { formatEther } from 'viem'

/** "0.00883" of 8834650237500000 wei; never more than what is there. */
export function etherText(wei: bigint): string {
  const text = formatEther(wei)
  const significant = /^(?:\d*\.0*\d{1,4}|\d+)/.exec(text)?.[0] ?? text
  return significant.includes('.') ? significant.replace(/\.?0+$/, '') : significant
}
