import { PARTITIONS } from '#libs/event-log'
import { deployments, preparePositions, ReadModels } from '#libs/read-models'

/** Connections to read models as the projector makes them; their tables and positions are made where there are none. */
export async function openReadModels(databaseUrl: string): Promise<ReadModels> {
  const logger = { info() {}, warn() {} }
  const readModels = new ReadModels({ databaseUrl, applicationName: 'bench', access: 'project', logger })
  await readModels.open()
  await preparePositions(readModels.query, deployments.name, PARTITIONS)
  return readModels
}
