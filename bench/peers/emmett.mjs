// emmett-postgresql under load. Reads questions from stdin and answers each by a line of JSON on stdout:
//   {"deployments": [...]}             the facts of the commands to come -> {}
//   {"callers": 64, "seconds": 5}      -> {"events", "seconds", "latencies" (ms)}
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { CommandHandler } from '@event-driven-io/emmett'
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql'

const store = getPostgreSQLEventStore(process.argv[2])
const handle = CommandHandler({
  initialState: () => ({ state: 'absent' }),
  evolve: (_, event) => ({ state: 'recorded', record: event.data }),
})
let deployments = []
let next = 0

for await (const line of createInterface(process.stdin)) {
  const question = JSON.parse(line)
  if (question.deployments) {
    deployments = question.deployments
    await store.schema.migrate()
    console.log('{}')
  } else {
    console.log(JSON.stringify(await call(question)))
  }
}
await store.close()

async function call({ callers, seconds }) {
  const started = performance.now()
  const deadline = started + seconds * 1000
  const latencies = []
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < deadline) {
        const sent = performance.now()
        await record(deployments[next++ % deployments.length])
        latencies.push(Number((performance.now() - sent).toFixed(3)))
      }
    }),
  )
  return { events: latencies.length, seconds: (performance.now() - started) / 1000, latencies }
}

async function record(facts) {
  const deploymentId = randomUUID()
  await handle(store, `deployment-${deploymentId}`, state => {
    if (state.state === 'recorded') throw new Error(`a deployment ${deploymentId} is recorded already`)
    return [{ type: 'DeploymentRecorded', data: { deploymentId, ...facts, status: 'DEPLOYED' } }]
  })
}
