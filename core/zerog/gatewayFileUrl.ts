// Where anybody gets stored bytes from 0G by their root, through an indexer's gateway.
import type { Hex } from 'viem'

/** Where anybody gets the raw bytes of one stored object; `gatewayUrl` is the REST base of the 0G indexer. */
export const gatewayFileUrl = (gatewayUrl: string, root: Hex, name: string): string =>
  `${gatewayUrl.replace(/\/+$/, '')}/file?root=${root}&name=${encodeURIComponent(name)}`
