// Node's pg through one connection string: prints what it sees. usage: node client.js URL
const { Client } = require('pg');

const SQL = 'SELECT a, b FROM clients WHERE a < $1 ORDER BY a';

async function main(url) {
  const client = new Client({ connectionString: url });
  await client.connect();
  const show = async (name, query) => console.log(name, JSON.stringify((await client.query(query)).rows));
  await show('plain', 'SELECT a, b FROM clients WHERE a < 3 ORDER BY a');
  for (let i = 1; i < 4; ++i) await show('unnamed', { text: SQL, values: [i] });
  for (let i = 1; i < 9; ++i) await show('named', { name: 'some', text: SQL, values: [i] });
  await show('binary', { text: SQL, values: [3], binary: true });
  const several = await client.query('SELECT 1 AS one; SELECT 2 AS two');
  console.log('several', several.map((result) => JSON.stringify(result.rows)).join(' '));
  try {
    await client.query('SELECT nope FROM clients');
  } catch (error) {
    console.log(error.code, error.position);
  }
  await client.query('LISTEN news');
  const told = new Promise((resolve) => client.once('notification', (news) => resolve(news.payload)));
  await client.query("NOTIFY news, 'hello'");
  console.log('notified', await told);
  await client.end();
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
