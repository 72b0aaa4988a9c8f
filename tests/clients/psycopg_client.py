"""psycopg2 and psycopg 3 through one DSN: prints what they see. usage: psycopg_client.py DSN"""

import sys

import psycopg
import psycopg2

SQL = "SELECT a, b FROM clients WHERE a < %s ORDER BY a"


def old(dsn):
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(SQL, (3,))
    print("psycopg2", cursor.fetchall())
    connection.autocommit = False
    cursor.execute("SELECT count(*) FROM clients")
    print("in a transaction", cursor.fetchone())
    connection.rollback()
    named = connection.cursor("named")
    named.execute(SQL, (1000,))
    print("server-side cursor", len(named.fetchall()))
    connection.commit()
    try:
        cursor.execute("SELECT nope FROM clients")
    except psycopg2.Error as error:
        print(error.pgcode, error.diag.statement_position)
    connection.close()


def new(dsn):
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(8):  # it prepares after the fifth
            rows = connection.execute(SQL, (3,)).fetchall()
        print("psycopg", rows)
        rows = connection.cursor(binary=True).execute(SQL, (4,)).fetchall()
        print("binary", rows)
        with connection.pipeline():
            cursors = [connection.execute(SQL, (n,)) for n in (1, 2, 3)]
            print("pipeline", [cursor.fetchall() for cursor in cursors])
        with connection.transaction():
            print("transaction", connection.execute("SELECT count(*) FROM clients").fetchone())
        connection.execute("CREATE TEMP TABLE copied (a int, b text)")
        with connection.cursor().copy("COPY copied FROM STDIN") as copy:
            for n in range(1000):
                copy.write_row((n, "row %d" % n))
        print("copied", connection.execute("SELECT count(*), max(b) FROM copied").fetchone())
        with connection.cursor().copy("COPY copied TO STDOUT") as copy:
            print("copied out", sum(1 for _ in copy.rows()))
        try:
            connection.execute("SELECT nope FROM clients WHERE a = %s", (1,))
        except psycopg.Error as error:
            print(error.sqlstate, error.diag.statement_position)
        print("settings", connection.execute("SHOW enable_nestloop").fetchone())


old(sys.argv[1])
new(sys.argv[1])
