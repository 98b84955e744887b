"""Three PostgreSQL nodes that replace each other, two application hosts, and what stands between them.

The files under `config/` are what a city installs, one machine each; here they are filled in for one machine's loopback.
"""
