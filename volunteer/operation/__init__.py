"""Running the platform: serve, doctor, health, and the API that describes itself."""
