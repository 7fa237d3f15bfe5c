// Shows that Snowflake's Node driver takes the local account for Snowflake; one line per claim.
'use strict';
const crypto = require('crypto');
const snowflake = require('snowflake-sdk');

snowflake.configure({ logLevel: 'OFF' });
const { env } = process;
const place = {
  account: env.CORTEX_LOCAL_ACCOUNT,
  accessUrl: `http://${env.CORTEX_LOCAL_HOST}:${env.CORTEX_LOCAL_PORT}`,
  username: env.CORTEX_LOCAL_USER,
};

const login = (options) => new Promise((done, fail) => {
  const connection = snowflake.createConnection({ ...place, ...options });
  connection.connect((error) => (error ? fail(error) : done(connection)));
});

const rows = (connection, sqlText, options = {}) => new Promise((done, fail) => {
  connection.execute({ sqlText, ...options, complete: (error, statement, found) =>
    (error ? fail(error) : done(found ?? statement)) });
});

function equal(found, wanted) {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`got ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  }
}

async function refused(promise) {
  const error = await promise.then(() => null, (reason) => reason);
  if (error === null) throw new Error('it was accepted');
  return error;
}

let failed = false;
async function claim(name, show) {
  try {
    await show();
    console.log(`ok ${name}`);
  } catch (error) {
    failed = true;
    console.log(`not ok ${name}: ${error.message}`);
  }
}

async function several(connection) {
  const found = [];
  await new Promise((done, fail) => {
    connection.execute({
      sqlText: "SELECT 1 AS N; SELECT 2 AS N",
      parameters: { MULTI_STATEMENT_COUNT: 2 },
      complete: (error, statement, result) => {
        if (error) return fail(error);
        found.push(...result);
        return statement.hasNext() ? statement.NextResult() : done();
      },
    });
  });
  equal(found, [{ N: 1 }, { N: 2 }]);
}

async function main() {
  const connection = await login({ password: env.CORTEX_LOCAL_PASSWORD });
  await claim('logs in with a password', async () =>
    equal(await rows(connection, 'SELECT CURRENT_ROLE() AS R'), [{ R: 'ACCOUNTADMIN' }]));
  await claim('is refused with a wrong one', () => refused(login({ password: 'wrong' })));
  await claim('selects with bindings', async () =>
    equal(await rows(connection, 'SELECT ? AS A, ? AS B, :1 AS C', { binds: [5, "it's"] }),
      [{ A: 5, B: "it's", C: 5 }]));
  await claim('inserts many rows in one statement', async () => {
    await rows(connection, 'CREATE DATABASE NODE_DB');
    await rows(connection, 'CREATE TABLE NODE_DB.PUBLIC.T (N NUMBER, S VARCHAR)');
    const binds = Array.from({ length: 300 }, (_, at) => [at, `row ${at}`]);
    await rows(connection, 'INSERT INTO NODE_DB.PUBLIC.T VALUES (?, ?)', { binds });
    equal(await rows(connection, 'SELECT COUNT(*) AS N FROM NODE_DB.PUBLIC.T'), [{ N: 300 }]);
  });
  await claim('rolls back', async () => {
    await rows(connection, 'BEGIN');
    await rows(connection, 'DELETE FROM NODE_DB.PUBLIC.T');
    await rows(connection, 'ROLLBACK');
    equal(await rows(connection, 'SELECT COUNT(*) AS N FROM NODE_DB.PUBLIC.T'), [{ N: 300 }]);
  });
  await claim('runs several statements', () => several(connection));
  await claim('fetches an asynchronous result', async () => {
    const sent = await new Promise((done, fail) => {
      connection.execute({ sqlText: "SELECT 'later' AS W", asyncExec: true,
        complete: (error, statement) => (error ? fail(error) : done(statement.getQueryId())) });
    });
    const statement = await connection.getResultsFromQueryId({ queryId: sent });
    const found = [];
    for await (const row of statement.streamRows()) found.push(row);
    equal(found, [{ W: 'later' }]);
  });
  await claim('meets errors with their numbers', async () => {
    const error = await refused(rows(connection, 'SELECT * FROM NODE_DB.PUBLIC.NOTHING'));
    equal([error.code, error.sqlState], ['002003', '42S02']);
  });
  await claim('logs in with a key pair', async () => {
    const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    const text = pair.publicKey.split('\n').slice(1, -2).join('');
    await rows(connection, `CREATE USER NODE_USER RSA_PUBLIC_KEY = '${text}'`);
    const other = await login({ username: 'node_user', authenticator: 'SNOWFLAKE_JWT',
      privateKey: pair.privateKey });
    equal(await rows(other, 'SELECT CURRENT_USER() AS U'), [{ U: 'NODE_USER' }]);
  });
  await claim('logs in with a programmatic access token', async () => {
    const [added] = await rows(connection, 'ALTER USER NODE_USER ADD PROGRAMMATIC ACCESS TOKEN CI');
    const other = await login({ username: 'node_user', authenticator: 'PROGRAMMATIC_ACCESS_TOKEN',
      token: added.token_secret });
    equal(await rows(other, 'SELECT CURRENT_USER() AS U'), [{ U: 'NODE_USER' }]);
  });
  process.exit(failed ? 1 : 0);
}

main().catch((error) => {
  console.log(`not ok ${error.message}`);
  process.exit(1);
});
