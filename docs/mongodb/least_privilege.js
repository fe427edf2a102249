// Run by the container at its first start; by hand: mongosh -u eqho -p … admin docs/mongodb/least_privilege.js
// The dashboard's own user may read and write its one database, and nothing else.
const metrics = db.getSiblingDB("eqho_metrics");
if (metrics.getUser("eqho_dashboard") === null) {
  metrics.createUser({
    user: "eqho_dashboard",
    pwd: process.env.MONGODB_DASHBOARD_PASSWORD || process.env.MONGO_INITDB_ROOT_PASSWORD,
    roles: [{ role: "readWrite", db: "eqho_metrics" }],
  });
}
