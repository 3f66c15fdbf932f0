// The quoter's signature under terms: only terms that Necto issued can be funded.
import { type Address, type Hex, type LocalAccount, recoverTypedDataAddress } from 'viem'
import { type RouterRef, type Terms, termsTypedData } from './terms.ts'

/** Signs terms with the quoter's key: 65 bytes that `fund` accepts. */
export function signQuote(
  options: { terms: Terms; quoter: Pick<LocalAccount, 'signTypedData'> } & RouterRef,
): Promise<Hex> {
  return options.quoter.signTypedData(termsTypedData(options))
}

/** Who signed these terms; undefined when the bytes are no signature. Whether it is a quoter, the router says. */
export async function recoverQuoter(
  options: { terms: Terms; signature: Hex } & RouterRef,
): Promise<Address | undefined> {
  try {
    return await recoverTypedDataAddress({ ...termsTypedData(options), signature: options.signature })
  } catch {
    // viem throws for every malformed signature, which here is an answer, not a fault.
    return undefined
  }
}
