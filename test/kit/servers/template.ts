import pg from 'pg'

const LOCK = `hashtext('shiplog test template')`

/**
 * The name of a database with all tables of Shiplog, to be copied: it is migrated once a server, not once a test file. None where the tests
 * run on a server of somebody's own, who may have one of another version there.
 */
export async function templateDatabase(server: string): Promise<string | undefined> {
  const name = process.env['SHIPLOG_TEST_TEMPLATE']
  if (!name) return undefined
  const admin = new pg.Client({ connectionString: server })
  await admin.connect()
  try {
    await admin.query(`SELECT pg_advisory_lock(${LOCK})`)
    const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) await createTemplate(admin, server, name)
    return name
  } finally {
    await admin.end()
  }
}

async function createTemplate(admin: pg.Client, server: string, name: string): Promise<void> {
  const partial = `${name}_partial`
  await admin.query(`CREATE DATABASE ${admin.escapeIdentifier(partial)}`)
  const url = new URL(server)
  url.pathname = `/${partial}`
  await migrate(url.href)
  await admin.query(`ALTER DATABASE ${admin.escapeIdentifier(partial)} RENAME TO ${admin.escapeIdentifier(name)}`)
}

// Loaded by the first file that needs it, as it is most of the product.
async function migrate(databaseUrl: string): Promise<void> {
  const { migrateLedger } = await import('#libs/ledger')
  const { ReadModels } = await import('#libs/read-models')
  await migrateLedger(databaseUrl)
  const quiet = { info: () => undefined, warn: () => undefined }
  const readModels = new ReadModels({ databaseUrl, applicationName: 'test', access: 'project', logger: quiet })
  await readModels.open()
  await readModels.close()
}
