"""How each format of files from outside is opened. Runs only inside the closed reading process."""
