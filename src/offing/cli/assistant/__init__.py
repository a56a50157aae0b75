"""Questions of :mod:`offing.api` as tools of an assistant, by the Model Context Protocol.

An assistant that runs on this machine starts ``offing mcp`` and speaks with it over standard input
and output. Every tool only reads. Who starts it says which warehouse, studies and rule files are
read; the assistant names no path.
"""
