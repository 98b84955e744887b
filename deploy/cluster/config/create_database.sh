#!/bin/sh
# The platform's role and database, once, on the first leader. Patroni passes the address.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 "$$1" <<SQL
CREATE ROLE liyu LOGIN PASSWORD '$application_password';
CREATE DATABASE liyu OWNER liyu TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
SQL
