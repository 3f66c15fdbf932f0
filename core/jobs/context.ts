// What every flow of a job needs, handed over in one bag by the composition root.
import type { Address, Hex } from 'viem'
import type { Clock } from '../clock.ts'
import type { RandomBytes } from '../ids.ts'
import { type Broker, brokers } from '../launch/broker.ts'
import type { Log } from '../log.ts'
import type { Blobs, Collection, Store } from '../store/store.ts'
import { type Listing, listings } from '../supply/listing.ts'
import { type LinkRequest, type WalletLink, walletLinkRequests, walletLinks } from '../supply/walletLink.ts'
import { type Pseudonym, pseudonyms } from '../teams/pseudonym.ts'
import { type Team, teams } from '../teams/team.ts'
import { type Job, jobs } from './job.ts'
import { type RelayDay, relayDays } from './relayDay.ts'
import { type JobSecrets, jobSecrets } from './secrets.ts'
import { type Session, sessions } from './session.ts'
import { type Upload, uploads } from './upload.ts'

/** Figures an operator chooses; the composition root fills them from the configuration. */
export interface Policy {
  readonly feeBps: number
  /** From the scan to the last moment a deposit is accepted. */
  readonly quoteSeconds: number
  /** From the end of the quote to the last moment of a start, else the deposit goes back. */
  readonly startSeconds: number
  readonly scanDeadlineMs: number
  /** A runner silent for this long has lost its job. */
  readonly heartbeatTimeoutSeconds: number
  /** The smallest deposit the relay pays gas for. */
  readonly minDepositMicroUsd: bigint
  /** Wei of gas that the relay pays for others in one UTC day; after that payers send with their own. */
  readonly relayDailyGasWei: bigint
}

export interface JobsContext {
  readonly jobs: Collection<Job>
  readonly sessions: Collection<Session>
  readonly listings: Collection<Listing>
  readonly brokers: Collection<Broker>
  readonly walletLinks: Collection<WalletLink>
  readonly walletLinkRequests: Collection<LinkRequest>
  readonly teams: Collection<Team>
  readonly pseudonyms: Collection<Pseudonym>
  readonly uploads: Collection<Upload>
  readonly secrets: Collection<JobSecrets>
  readonly relayDays: Collection<RelayDay>
  readonly blobs: Blobs
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Log
  readonly policy: Policy
  readonly escrow: {
    readonly chainId: number
    readonly router: Address
    readonly usdc: Address
    readonly quoterKey: Hex
  }
}

/** The collections of one store, in the bag's shape. */
export function openCollections(store: Store) {
  return {
    jobs: store.collection(jobs),
    sessions: store.collection(sessions),
    listings: store.collection(listings),
    brokers: store.collection(brokers),
    walletLinks: store.collection(walletLinks),
    walletLinkRequests: store.collection(walletLinkRequests),
    teams: store.collection(teams),
    pseudonyms: store.collection(pseudonyms),
    uploads: store.collection(uploads),
    secrets: store.collection(jobSecrets),
    relayDays: store.collection(relayDays),
    blobs: store.blobs,
  }
}
