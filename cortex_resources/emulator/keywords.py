"""Words that name nothing unless they are quoted (*Reserved & limited keywords*)."""

from __future__ import annotations

from typing import Final

RESERVED: Final = frozenset(
    {
        "ALL", "ALTER", "AND", "ANY", "AS", "BETWEEN", "BY", "CHECK", "COLUMN", "CONNECT",
        "CREATE", "CURRENT", "DELETE", "DISTINCT", "DROP", "ELSE", "EXISTS", "FOLLOWING", "FOR",
        "FROM", "GRANT", "GROUP", "GSCLUSTER", "HAVING", "ILIKE", "IN", "INCREMENT", "INSERT",
        "INTERSECT", "INTO", "IS", "ISSUE", "LIKE", "MINUS", "NOT", "NULL", "OF", "ON", "OR",
        "ORDER", "ORGANIZATION", "QUALIFY", "REGEXP", "REVOKE", "RLIKE", "ROW", "ROWS", "SAMPLE",
        "SELECT", "SET", "SOME", "START", "TABLE", "TABLESAMPLE", "THEN", "TO", "TRIGGER",
        "UNION", "UNIQUE", "UPDATE", "VALUES", "WHENEVER", "WHERE", "WITH",
    }
)  # fmt: skip
NO_COLUMN: Final = RESERVED | {
    "CONSTRAINT", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER",
    "LOCALTIME", "LOCALTIMESTAMP",
}  # fmt: skip
