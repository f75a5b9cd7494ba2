import type { ClientBase } from 'pg'
import type { DeploymentEvent } from '#libs/contracts'
import { plainArray, textArray } from '../array-literal.js'
import type { ProjectedEvent } from '../projection.js'

const APPEND = `
  INSERT INTO read_v1.deployment_event
    (tenant, deployment_id, version, partition, seq, type, actor, time, recorded_at, data)
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::integer[], $4::smallint[], $5::bigint[], $6::text[], $7::text[],
    $8::timestamptz[], $9::timestamptz[], $10::json[])`

/** Adds a batch to what was recorded about its deployments. */
export async function appendEvents(
  connection: ClientBase,
  events: readonly ProjectedEvent<DeploymentEvent>[],
): Promise<void> {
  const values = [
    textArray(events.map(({ metadata }) => metadata.tenant)),
    plainArray(events.map(({ event }) => event.deploymentId)),
    plainArray(events.map(({ metadata }) => metadata.streamVersion)),
    plainArray(events.map(({ partition }) => partition)),
    plainArray(events.map(({ seq }) => seq)),
    textArray(events.map(({ ceType }) => ceType)),
    textArray(events.map(({ metadata }) => metadata.actor)),
    plainArray(events.map(({ metadata }) => metadata.time)),
    plainArray(events.map(({ metadata }) => metadata.recordedTime)),
    textArray(events.map(({ data }) => data)),
  ]
  await connection.query({ name: 'append events', text: APPEND, values })
}
