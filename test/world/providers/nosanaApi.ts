// Nosana's API in its own shape: markets and the token's price for all, deployments for an account.
import type { IncomingMessage } from 'node:http'
import { createNosanaDeployments, type NosanaDeployments } from './nosanaDeployments.ts'
import {
  createNosanaState,
  NOSANA_MARKETS,
  type NosanaMarket,
  type NosanaState,
  nosanaSeries,
} from './nosanaMarkets.ts'
import type { StandIn, StandInContext } from './standIn.ts'
import { type Reply, startStandInServer } from './standInServer.ts'

const NETWORK_FEE_PERCENT = 10

const json = (status: number, value: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json;charset=utf-8', ...headers },
  body: JSON.stringify(value),
})

/** Starts it on a free port. */
export async function startNosana(
  context: StandInContext & { readonly deployments?: NosanaDeployments },
): Promise<StandIn & { readonly deployments: NosanaDeployments }> {
  const { clock, deployments = createNosanaDeployments({ nowMs: () => clock.now() }) } = context
  const state = createNosanaState(context)
  const server = await startStandInServer({
    delayMs: context.delay('nosana', [150, 400]),
    answer: (request, body) =>
      deployments.answer({
        method: request.method ?? '',
        url: new URL(request.url ?? '/', 'http://nosana'),
        key: request.headers.authorization,
        body,
      }) ?? answerNosana(request, state, clock.now()),
    busy: (retryAfterSeconds) =>
      json(
        429,
        { message: 'Too many requests' },
        retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
      ),
  })
  return {
    name: 'nosana',
    server: {
      ...server,
      async stop() {
        deployments.stopAll()
        await server.stop()
      },
    },
    deployments,
    env: { NOSANA_API_URL: server.url, NOSANA_DEPLOYMENTS_URL: server.url },
    prices: () =>
      Object.fromEntries(
        NOSANA_MARKETS.flatMap((market) => {
          const usd = state.pay(market, clock.now())
          return usd === null ? [] : [[nosanaSeries(market), usd]]
        }),
      ),
  }
}

function answerNosana(request: IncomingMessage, state: NosanaState, nowMs: number): Reply {
  const path = new URL(request.url ?? '/', 'http://nosana').pathname.replace(/\/$/, '')
  const isGet = request.method === 'GET'
  if (isGet && path === '/api/markets')
    return json(
      200,
      NOSANA_MARKETS.map((market) => marketRow(market, state, nowMs)),
    )
  if (isGet && path === '/api/markets/price') return json(200, { price: state.nosUsd(nowMs) })
  return { status: 404, headers: { 'content-type': 'text/plain;charset=utf-8' }, body: 'NOT_FOUND' }
}

function marketRow(market: NosanaMarket, state: NosanaState, nowMs: number) {
  const usd = state.pay(market, nowMs)
  const nosPerSecond = (usd ?? 0) / 3600 / state.nosUsd(nowMs)
  const premium = NOSANA_MARKETS.find(({ slug }) => `${slug}-community` === market.slug)
  return {
    address: market.address,
    slug: market.slug,
    name: market.name,
    // Any address does: nobody reads the access token of hosts.
    sft: market.address,
    type: market.type,
    usd_reward_per_hour: usd,
    nos_reward_per_second: Number(nosPerSecond.toFixed(6)),
    nos_job_price_per_second: Number((nosPerSecond * (1 + NETWORK_FEE_PERCENT / 100)).toFixed(6)),
    network_fee_percentage: NETWORK_FEE_PERCENT,
    premium_community_relation: premium?.address ?? null,
    gpu_types: market.gpuTypes,
    required_images: ['docker.io/nosana/anti-spoof:1.0.0'],
    required_remote_resources: [],
    // Always empty, whoever waits.
    nodes: [],
    client: market.type === 'PREMIUM',
    max_usd_uptime_reward_per_day: 0,
    lowest_vram: market.lowestVram,
  }
}
