// What Supabase's integration runs: the engine's own migrations, and one back-fill of everything it lists.
// node sync_engine.mjs DATABASE_URL STRIPE_URL STRIPE_KEY OPENAPI_DOCUMENT
import { StripeSync, runMigrations } from '@stripe/sync-engine'

const [, , databaseUrl, stripe, stripeSecretKey, openApiSpecPath] = process.argv
const logger = { info() {}, debug() {}, warn: console.warn, error: console.error }
const stripeApiVersion = '2020-08-27' // what the integration sets where nobody sets another
await runMigrations({ databaseUrl, schemaName: 'stripe', stripeApiVersion, openApiSpecPath, logger })
const { hostname, port } = new URL(stripe)
const sync = await StripeSync.create({
  stripeSecretKey, stripeAccountId: 'acct_eqho', stripeApiVersion, schemaName: 'stripe',
  poolConfig: { connectionString: databaseUrl, max: 4 }, logger,
})
sync.stripe._setApiField('host', hostname)
sync.stripe._setApiField('port', port)
sync.stripe._setApiField('protocol', 'http')
const kinds = ['product', 'price', 'customer', 'subscription', 'subscription_schedules', 'invoice', 'credit_note']
const done = await sync.fullSync(kinds, false, 2, 1000, false)
await sync.close()
if (done.errors.length) throw new Error(JSON.stringify(done.errors))
console.log(JSON.stringify(done.totals))
