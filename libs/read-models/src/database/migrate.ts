import pg from 'pg'
import { DataSource } from 'typeorm'
import { ConfigurationCurrent, ConfigurationHistory, ConfigurationSecret } from '../configuration/table.js'
import { DeploymentChangedCommit, DeploymentCommit } from '../deployment/commit/table.js'
import { DeploymentLabel } from '../deployment/label/table.js'
import { DeploymentCurrent } from '../deployment/current/table.js'
import { DeploymentEventRow } from '../deployment/trail/table.js'
import { DeploymentHistory, DeploymentSuperseded, DeploymentVoided } from '../deployment/record/table.js'
import { IncidentEventRow, IncidentRow } from '../incident/table.js'
import { DeploymentInterval } from '../deployment/interval/table.js'
import {
  DeploymentHistogram,
  DeploymentMetric,
  DeploymentCounter,
  DeploymentValue,
} from '../metrics/projection/table.js'
import { ReadV11763700000000 } from './migrations/1763700000000-read-v1.js'
import { ReaderRole1763700000001 } from './migrations/1763700000001-reader-role.js'
import { Configuration1763700000002 } from './migrations/1763700000002-configuration.js'
import { AsOf1763700000003 } from './migrations/1763700000003-as-of.js'
import { DeploymentStint1763700000004 } from './migrations/1763700000004-deployment-stint.js'
import { DeploymentMetrics1763700000005 } from './migrations/1763700000005-deployment-metrics.js'
import { ProjectAnew1763700000006 } from './migrations/1763700000006-project-anew.js'
import { BoundedLookups1763700000007 } from './migrations/1763700000007-bounded-lookups.js'
import { FailureReason1763700000009 } from './migrations/1763700000009-failure-reason.js'
import { EnvironmentKeys1763700000010 } from './migrations/1763700000010-environment-keys.js'
import { Undoing1763700000011 } from './migrations/1763700000011-undoing.js'
import { PromotionStanding1764500000023 } from './migrations/1764500000023-promotion-standing.js'
import { StandardNames1764600000000 } from './migrations/1764600000000-standard-names.js'
import { StateVersions1764700000028 } from './migrations/1764700000028-state-versions.js'
import { RunningSince1764750000000 } from './migrations/1764750000000-running-since.js'
import { Labels1764750010000 } from './migrations/1764750010000-labels.js'
import { adoptStates, hasStates, STATE_VERSIONS, StateVersionRow } from './state-versions.js'
import { Comments1764710000000 } from './migrations/1764710000000-comments.js'
import { Cancelled1764720000000 } from './migrations/1764720000000-cancelled.js'
import { Removed1764720000001 } from './migrations/1764720000001-removed.js'
import { Incidents1764730000000 } from './migrations/1764730000000-incidents.js'
import { ChangedCommits1764740000000 } from './migrations/1764740000000-changed-commits.js'
import { Voided1764740000001 } from './migrations/1764740000001-voided.js'
import { ParkedEventRow } from '../log/parked-event.js'
import { ProjectionPosition } from '../log/projection-position.js'
import { PromotionEventRow, PromotionRow } from '../promotion/table.js'
import { KeySchemaRow, TenantPipelineRow } from '../pipeline/table.js'
import { statement, type Query } from '#libs/postgres'
import { LIVE_SCHEMA, searchPath } from '../sql/schema.js'

// In the order of their execution.
const MIGRATIONS = [
  ReadV11763700000000,
  ReaderRole1763700000001,
  Configuration1763700000002,
  AsOf1763700000003,
  DeploymentStint1763700000004,
  DeploymentMetrics1763700000005,
  ProjectAnew1763700000006,
  BoundedLookups1763700000007,
  FailureReason1763700000009,
  EnvironmentKeys1763700000010,
  Undoing1763700000011,
  PromotionStanding1764500000023,
  StandardNames1764600000000,
  StateVersions1764700000028,
  Comments1764710000000,
  Cancelled1764720000000,
  Removed1764720000001,
  Incidents1764730000000,
  ChangedCommits1764740000000,
  Voided1764740000001,
  RunningSince1764750000000,
  Labels1764750010000,
]

/** The tables of the read models as TypeORM entities, for migrations. */
export function readModelsDataSource(databaseUrl: string, schema = LIVE_SCHEMA): DataSource {
  return new DataSource({
    type: 'postgres',
    url: databaseUrl,
    schema,
    extra: { options: searchPath(schema) },
    entities: [
      DeploymentHistory,
      DeploymentSuperseded,
      DeploymentVoided,
      DeploymentEventRow,
      DeploymentCurrent,
      DeploymentInterval,
      DeploymentCommit,
      DeploymentChangedCommit,
      DeploymentLabel,
      DeploymentMetric,
      DeploymentCounter,
      DeploymentHistogram,
      DeploymentValue,
      IncidentRow,
      IncidentEventRow,
      ConfigurationHistory,
      ConfigurationCurrent,
      ConfigurationSecret,
      PromotionRow,
      PromotionEventRow,
      TenantPipelineRow,
      KeySchemaRow,
      ProjectionPosition,
      ParkedEventRow,
      StateVersionRow,
    ],
    migrations: MIGRATIONS,
    migrationsTableName: 'migration',
    poolSize: 1,
    connectTimeoutMS: 5000,
  })
}

/**
 * Migrates the tables of a schema, and projects again what stores states of other versions. Processes that start concurrently
 * wait for each other.
 */
export async function migrate(databaseUrl: string, access: 'read' | 'project', schema = LIVE_SCHEMA): Promise<void> {
  const lock = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 })
  lock.on('error', () => undefined)
  await lock.connect()
  try {
    // The same lock as for the ledger's migrations, since one of these migrations grants rights in the ledger's schema.
    await lock.query(`SELECT pg_advisory_lock(hashtext('shiplog migrations'))`)
    await lock.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
    const tables = await readModelsDataSource(databaseUrl, schema).initialize()
    try {
      await tables.runMigrations({ transaction: 'each' })
      await tables.transaction(({ queryRunner }) => adoptStates(queryRunner!, access))
    } finally {
      await tables.destroy()
    }
  } finally {
    await lock.end()
  }
}

/** Whether the tables in the connection's schema, and the states that they store, have the current version. */
export async function isMigrated(query: Query): Promise<boolean> {
  const [{ known } = { known: false }] = await query<{ known: boolean }>(
    statement('is migrated', `SELECT to_regclass('migration') IS NOT NULL AS known`),
  )
  if (!known) return false
  const rows = await query<{ name: string }>(statement('migrations', 'SELECT name FROM migration'))
  if (!MIGRATIONS.every(migration => rows.some(({ name }) => name === migration.name))) return false
  return hasStates(await query<StateVersionRow>(statement('state versions', STATE_VERSIONS)))
}
