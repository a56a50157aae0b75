"""A region's exports some years ahead, at the shares it has of its country's (省级展望)."""
