/** The simulator, on worlds small enough for every run of the tests. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { FAULTS, World } from '../simulate/world.ts'

for (const fault of FAULTS) {
  test(`${fault}: every message reaches everyone who is there, once, in order`, () => {
    for (const seed of [1, 2, 3]) {
      const { reach, wrong } = new World({ peers: 60, fault, seed }).run()
      assert.deepEqual({ seed, reach, wrong }, { seed, reach: 1, wrong: 0 })
    }
  })
}

test('the same seed gives the same world, and another one another', () => {
  const outcome = (seed: number) => new World({ peers: 40, fault: 'loss', seed }).run()
  assert.deepEqual(outcome(7), outcome(7))
  assert.notDeepEqual(outcome(7), outcome(8))
})

test('the cost for each message and peer does not grow with the swarm', () => {
  const [small, large] = [50, 400].map((peers) => new World({ peers, fault: 'none', seed: 1 }).run())
  assert.ok(small !== undefined && large !== undefined)
  assert.ok(large.bytes < 1.3 * small.bytes, `${small.bytes} bytes, then ${large.bytes}`)
  assert.ok(large.max <= 8, `${large.max} rounds`)
})
