import { DataSource, EntitySchema, type EntitySchemaColumnOptions } from 'typeorm'
import { evolveRecord, resolveEnvironment, defaultPipeline, type DeploymentEvent } from '#libs/contracts'
import type { ProjectedEvent } from '#libs/read-models'

type Columns = Record<string, EntitySchemaColumnOptions>

const key = (type: 'text' | 'uuid' | 'integer'): EntitySchemaColumnOptions => ({ type, primary: true })
const columns = (
  type: 'text' | 'uuid' | 'integer' | 'bigint' | 'boolean' | 'timestamptz' | 'json',
  ...names: string[]
): Columns => Object.fromEntries(names.map(name => [name, { type, nullable: true }]))

const History = new EntitySchema({
  name: 'history',
  schema: 'read_v1',
  tableName: 'deployment_history',
  columns: {
    tenant: key('text'),
    deployment_id: key('uuid'),
    ...columns('text', 'application', 'environment', 'environment_name', 'image_tag', 'git_commit', 'status', 'actor'),
    ...columns('timestamptz', 'deployed_at', 'completed_at', 'finished_at', 'recorded_at', 'known_from'),
    ...columns('boolean', 'succeeded'),
    ...columns('bigint', 'recorded_seq', 'log_order', 'last_seq'),
    ...columns('integer', 'partition', 'version', 'recorded_bytes'),
  },
})

const Event = new EntitySchema({
  name: 'event',
  schema: 'read_v1',
  tableName: 'deployment_event',
  columns: {
    tenant: key('text'),
    deployment_id: key('uuid'),
    version: key('integer'),
    ...columns('text', 'type', 'actor'),
    ...columns('timestamptz', 'time', 'recorded_at'),
    ...columns('bigint', 'seq'),
    ...columns('integer', 'partition'),
    ...columns('uuid', 'event_id'),
    ...columns('json', 'data'),
  },
})

const Current = new EntitySchema({
  name: 'current',
  schema: 'read_v1',
  tableName: 'deployment_current',
  columns: {
    tenant: key('text'),
    application: key('text'),
    environment_name: key('text'),
    ...columns('uuid', 'deployment_id'),
  },
})

/** A straightforward projection: one event at a time, one row at a time, by TypeORM's `save`. */
export class RowSaver {
  private constructor(private readonly tables: DataSource) {}

  static async open(databaseUrl: string): Promise<RowSaver> {
    const entities = [History, Event, Current]
    const extra = { options: '-c synchronous_commit=off' }
    return new RowSaver(await new DataSource({ type: 'postgres', url: databaseUrl, entities, extra }).initialize())
  }

  async save({ event, metadata, partition, seq, ceType, data }: ProjectedEvent): Promise<void> {
    const { tenant, recordedTime, streamVersion: version } = metadata
    const { id, ...record } = evolveRecord(undefined, event as DeploymentEvent)
    const environmentName = resolveEnvironment(defaultPipeline, record.environment)
    const common = { tenant, deployment_id: id, partition, version, actor: record.actor, recorded_at: recordedTime }
    await this.tables.getRepository(History).save({
      ...common,
      application: record.application,
      environment: record.environment,
      environment_name: environmentName,
      image_tag: record.imageTag,
      git_commit: record.gitCommit,
      status: record.status,
      succeeded: record.succeeded,
      deployed_at: record.deployedAt,
      completed_at: record.completedAt,
      finished_at: record.completedAt ?? record.deployedAt,
      recorded_seq: seq,
      log_order: seq,
      last_seq: seq,
      known_from: recordedTime,
      recorded_bytes: data.length,
    })
    await this.tables
      .getRepository(Event)
      .save({ ...common, event_id: metadata.id, type: ceType, time: metadata.time, seq, data: JSON.parse(data) })
    await this.tables
      .getRepository(Current)
      .save({ tenant, application: record.application, environment_name: environmentName, deployment_id: id })
  }

  async close(): Promise<void> {
    await this.tables.destroy()
  }
}
