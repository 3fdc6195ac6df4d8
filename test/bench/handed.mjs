/**
 * Commands at both ends: `head -c SIZE /dev/zero` to `cat >/dev/null`. lswarm gives both the socket
 * itself; socat stands between them and it; the bare socketpair is what is left when nothing does.
 *
 * The clock runs from the start of the sending side (for lswarm: with its start-up, its meeting and the
 * confirmed end) to the end of both.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  allReady,
  freshPath,
  freshTopic,
  inTurns,
  LSWARM,
  now,
  sizeText,
  TOOLS,
  table,
  until,
  withJobs,
} from './harness.mjs'

export const peers = ['socat', 'python3']

const REFERENCE = 'a bare socketpair'
const GIB = 1 << 30

export async function compare({ runs, size = 4 * GIB, peers: there, progress, show }) {
  const variables = { SIZE: size, PAIR: join(TOOLS, 'socketpair.py') }
  const rows = [{ name: 'lswarm send -- and recv --', run: () => swarmed(variables) }]
  if (there.has('python3')) rows.push({ name: REFERENCE, run: () => bare(variables) })
  for (const block of there.has('socat') ? ['', '-b262144'] : []) {
    rows.push({ name: `socat ${block}`.trim(), run: () => relayed(block, variables) })
  }
  const measured = await inTurns(rows, runs, progress)
  const columns = [
    { title: 'rate', of: 'seconds', as: 'rate' },
    { title: 'CPU', of: 'cpu', as: 'cost' },
  ]
  show(
    table({
      title: `handed: ${sizeText(size)}, a command to a command`,
      reference: REFERENCE,
      columns,
      rows,
      ...measured,
    }),
  )
}

function swarmed(variables) {
  return withJobs(async (start) => {
    const all = { ...variables, TOPIC: freshTopic() }
    const receiver = start(`${LSWARM} recv $TOPIC --ready -- cat >/dev/null`, all)
    await allReady([receiver])
    const since = now()
    return spent([start(`${LSWARM} send $TOPIC -- head -c $SIZE /dev/zero`, all), receiver], since)
  })
}

function bare(variables) {
  return withJobs((start) => {
    const since = now()
    return spent([start('python3 "$PAIR" $SIZE >/dev/null', variables)], since)
  })
}

function relayed(block, variables) {
  return withJobs(async (start) => {
    const all = { ...variables, SOCKET: freshPath('s'), BLOCK: block }
    const receiver = start('socat -u $BLOCK UNIX-LISTEN:$SOCKET - | cat >/dev/null', all)
    await until(() => existsSync(all.SOCKET))
    const since = now()
    return spent(
      [start('head -c $SIZE /dev/zero | socat -u $BLOCK - UNIX-CONNECT:$SOCKET', all), receiver],
      since,
    )
  })
}

async function spent(jobs, since) {
  const endings = await Promise.all(jobs.map((job) => job.done()))
  return {
    seconds: Math.max(...endings.map(({ at }) => at)) - since,
    cpu: endings.reduce((sum, { cpu }) => sum + cpu, 0),
  }
}
