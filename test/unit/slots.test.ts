import assert from 'node:assert/strict'
import test from 'node:test'
import { Slots } from '../../src/slots.ts'
import { turns } from './helpers/wait.ts'

/** Things that are under way until they are told to end. */
class Tasks {
  readonly begun: number[] = []
  readonly #ends = new Map<number, (error?: Error) => void>()

  readonly act = (id: number) => () => {
    this.begun.push(id)
    return new Promise<number>((resolve, reject) =>
      this.#ends.set(id, (error) => (error ? reject(error) : resolve(id))),
    )
  }

  end(id: number, error?: Error): void {
    this.#ends.get(id)?.(error)
  }
}

test('so many things run at a time, and the others in their order', async () => {
  const slots = new Slots(2)
  const tasks = new Tasks()
  const results = [1, 2, 3, 4, 5].map((id) => slots.run(tasks.act(id)))
  await turns()
  assert.deepEqual(tasks.begun, [1, 2])
  tasks.end(2)
  await turns()
  assert.deepEqual(tasks.begun, [1, 2, 3])
  for (const id of [1, 3]) tasks.end(id)
  await turns()
  assert.deepEqual(tasks.begun, [1, 2, 3, 4, 5])
  for (const id of [4, 5]) tasks.end(id)
  assert.deepEqual(await Promise.all(results), [1, 2, 3, 4, 5])
})

test('what fails makes room all the same', async () => {
  const slots = new Slots(1)
  const tasks = new Tasks()
  const failing = slots.run(tasks.act(1))
  const next = slots.run(tasks.act(2))
  await turns()
  tasks.end(1, new RangeError('no'))
  await assert.rejects(failing, RangeError)
  await turns()
  tasks.end(2)
  assert.equal(await next, 2)
  const again = slots.run(tasks.act(3))
  await turns()
  tasks.end(3)
  assert.equal(await again, 3)
})
