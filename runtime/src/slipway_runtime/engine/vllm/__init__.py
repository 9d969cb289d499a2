"""The vLLM backend: its own server as a child, with our routes inside it.

The parent holds the port while the model loads. It gives the listening socket to the child, where a middleware class
of ours (vLLM's documented ``--middleware`` option) serves it once the engine is ready: no hop between client and
engine, and no connection is lost when the port changes hands.
"""
