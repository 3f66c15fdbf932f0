// One rented machine's way under a keeper that dies with its connection to the provider, and begins anew.
import { expect } from 'vitest'
import type { Launcher } from '../../core/launch/launcher.ts'
import type { Offer } from '../../core/market/offer.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { RentingBed } from '../../keeper/tasks/testRenting.ts'

/** The bed's job is one for an image at the provider of this offer. */
export async function takeOffer(bed: RentingBed, offer: Offer): Promise<void> {
  await updateDocument({
    collection: bed.shop.context.jobs,
    id: bed.job().ref,
    change: (job) =>
      job.launch && {
        ...job,
        workload: job.workload && { ...job.workload, value: { image: 'acme/train:3', command: ['true'] } },
        launch: { ...job.launch, provider: offer.provider, offer },
      },
  })
}

/** Looks every ten seconds until the machine is given back, or so many looks were made; `dies`: whether the keeper has to. */
export async function playRenting(options: {
  bed: RentingBed
  provider: { isDead(): boolean; revive(): void }
  launcher(): Launcher
  looks: number
  dies: boolean
  /** After the second look at a machine. */
  onSecondLook(): Promise<unknown>
  /** Before the keeper begins anew. */
  onDeath?(): Promise<unknown>
}): Promise<void> {
  const { bed, provider, looks } = options
  let tellDeath = () => {}
  /** Whoever is dead hears nothing more, and so does nothing more. */
  function mortal<A extends unknown[], R>(run: (...given: A) => Promise<R>) {
    return async (...given: A): Promise<R> => {
      const outcome = run(...given)
      await outcome.catch(() => undefined)
      if (!provider.isDead()) return outcome
      tellDeath()
      return new Promise(() => {})
    }
  }
  function begin(): void {
    const { launch, status, stop, invoice, ...rest } = options.launcher()
    const launcher: Launcher = { ...rest, launch: mortal(launch), status: mortal(status), stop: mortal(stop) }
    bed.beginsAnew([{ ...launcher, ...(invoice && { invoice: mortal(invoice) }) }])
  }
  begin()
  let seen = 0
  let deaths = 0
  for (let look = 0; look < looks; look += 1) {
    const dead = new Promise<void>((resolve) => {
      tellDeath = resolve
    })
    await Promise.race([bed.look(), dead])
    if (provider.isDead()) {
      deaths += 1
      await options.onDeath?.()
      provider.revive()
      begin()
    }
    const { launch } = await bed.now()
    if (launch?.closedAtMs !== undefined) break
    if (launch?.ref !== undefined && ++seen === 2) await options.onSecondLook()
    await bed.clock.tick(10_000)
  }
  expect(deaths).toBe(options.dies ? 1 : 0)
}
