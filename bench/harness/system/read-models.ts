import { PARTITIONS } from '#libs/event-log'
import { deployments, preparePositions, ReadModels } from '#libs/read-models'

/** Connections with the projector's settings; creates tables and positions if absent. */
export async function openReadModels(databaseUrl: string): Promise<ReadModels> {
  const logger = { info() {}, warn() {} }
  const readModels = new ReadModels({ databaseUrl, applicationName: 'bench', access: 'project', logger })
  await readModels.open()
  await preparePositions(readModels.query, deployments.name, PARTITIONS)
  return readModels
}
