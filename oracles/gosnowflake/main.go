// Command gosnowflake shows that Snowflake's Go driver takes the local account for Snowflake.
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"time"

	sf "github.com/snowflakedb/gosnowflake"
)

var failed bool

func claim(name string, err error) {
	if err != nil {
		failed = true
		fmt.Printf("not ok %s: %v\n", name, err)
		return
	}
	fmt.Printf("ok %s\n", name)
}

func config() *sf.Config {
	port, _ := strconv.Atoi(os.Getenv("CORTEX_LOCAL_PORT"))
	return &sf.Config{
		Account:  os.Getenv("CORTEX_LOCAL_ACCOUNT"),
		Host:     os.Getenv("CORTEX_LOCAL_HOST"),
		Port:     port,
		Protocol: "http",
		User:     os.Getenv("CORTEX_LOCAL_USER"),
		Password: os.Getenv("CORTEX_LOCAL_PASSWORD"),
		Params:   map[string]*string{},
	}
}

func open(config *sf.Config) *sql.DB {
	return sql.OpenDB(sf.NewConnector(sf.SnowflakeDriver{}, *config))
}

func expect(db *sql.DB, wanted string, query string, args ...any) error {
	var found string
	if err := db.QueryRow(query, args...).Scan(&found); err != nil {
		return err
	}
	if found != wanted {
		return fmt.Errorf("got %q, not %q", found, wanted)
	}
	return nil
}

func run(db *sql.DB, statements ...string) error {
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

func transactions(db *sql.DB) error {
	for _, commit := range []bool{false, true} {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO GO_DB.PUBLIC.T VALUES (?, ?)", 7, "seven"); err != nil {
			return err
		}
		end := tx.Rollback
		if commit {
			end = tx.Commit
		}
		if err := end(); err != nil {
			return err
		}
	}
	return expect(db, "1", "SELECT COUNT(*) FROM GO_DB.PUBLIC.T WHERE N = ?", 7)
}

func manyRows(db *sql.DB) error {
	numbers, words := make([]int, 500), make([]string, 500)
	for at := range numbers {
		numbers[at], words[at] = 1000+at, fmt.Sprintf("it's row %d", at)
	}
	_, err := db.Exec("INSERT INTO GO_DB.PUBLIC.T VALUES (?, ?)", sf.Array(&numbers), sf.Array(&words))
	if err != nil {
		return err
	}
	return expect(db, "500", "SELECT COUNT(*) FROM GO_DB.PUBLIC.T WHERE N >= 1000")
}

func severalStatements(db *sql.DB) error {
	several, err := sf.WithMultiStatement(context.Background(), 3)
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(several, "SELECT 1; CREATE ROLE GO_ROLE; SELECT 'third'")
	if err != nil {
		return err
	}
	defer rows.Close()
	last := ""
	for more := true; more; more = rows.NextResultSet() {
		for rows.Next() {
			if err := rows.Scan(&last); err != nil {
				return err
			}
		}
	}
	if last != "third" {
		return fmt.Errorf("the last result is %q", last)
	}
	return nil
}

func later(db *sql.DB) error {
	rows, err := db.QueryContext(sf.WithAsyncMode(context.Background()), "SELECT 'later'")
	if err != nil {
		return err
	}
	defer rows.Close()
	found := ""
	for rows.Next() {
		if err := rows.Scan(&found); err != nil {
			return err
		}
	}
	if found != "later" {
		return fmt.Errorf("got %q", found)
	}
	return nil
}

func givenUp(db *sql.DB) error {
	soon, cancel := context.WithTimeout(context.Background(), 700*time.Millisecond)
	defer cancel()
	started := time.Now()
	source := "(SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 20000)))"
	query := "SELECT SUM(A.N * B.N * C.N) FROM " + source + " A CROSS JOIN " + source +
		" B CROSS JOIN " + source + " C"
	if _, err := db.ExecContext(soon, query); err == nil {
		return fmt.Errorf("it ended by itself")
	}
	if err := expect(db, "1", "SELECT 1"); err != nil {
		return err
	}
	if gone := time.Since(started); gone > 20*time.Second {
		return fmt.Errorf("the account was busy for %v", gone)
	}
	return nil
}

func keyPair(db *sql.DB) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString(public)
	if err := run(db, "CREATE USER GO_USER RSA_PUBLIC_KEY = '"+text+"'"); err != nil {
		return err
	}
	signed := config()
	signed.User, signed.Password = "go_user", ""
	signed.Authenticator, signed.PrivateKey = sf.AuthTypeJwt, key
	other := open(signed)
	defer other.Close()
	return expect(other, "GO_USER", "SELECT CURRENT_USER()")
}

func accessToken(db *sql.DB) error {
	var name, secret string
	row := db.QueryRow("ALTER USER GO_USER ADD PROGRAMMATIC ACCESS TOKEN CI")
	if err := row.Scan(&name, &secret); err != nil {
		return err
	}
	held := config()
	held.User, held.Password, held.Token = "go_user", "", secret
	held.Authenticator = sf.AuthTypePat
	other := open(held)
	defer other.Close()
	return expect(other, "GO_USER", "SELECT CURRENT_USER()")
}

func wrongPassword() error {
	wrong := config()
	wrong.Password = "wrong"
	other := open(wrong)
	defer other.Close()
	if err := other.Ping(); err == nil {
		return fmt.Errorf("it was let in")
	}
	return nil
}

func main() {
	db := open(config())
	defer db.Close()
	db.SetMaxOpenConns(1)
	claim("logs in with a password", expect(db, "ACCOUNTADMIN", "SELECT CURRENT_ROLE()"))
	claim("is refused with a wrong one", wrongPassword())
	claim("makes a table", run(db, "CREATE DATABASE GO_DB",
		"CREATE TABLE GO_DB.PUBLIC.T (N NUMBER, S VARCHAR)"))
	claim("selects with bindings", expect(db, "3x", "SELECT ? + ? || ?", 1, 2, "x"))
	claim("rolls back and commits", transactions(db))
	claim("inserts arrays in one statement", manyRows(db))
	claim("runs several statements", severalStatements(db))
	claim("fetches an asynchronous result", later(db))
	claim("stops a statement that it gives up", givenUp(db))
	claim("logs in with a key pair", keyPair(db))
	claim("logs in with a programmatic access token", accessToken(db))
	if failed {
		os.Exit(1)
	}
}
