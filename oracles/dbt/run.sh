exec "$ORACLE_HOME/bin/python" shows.py
