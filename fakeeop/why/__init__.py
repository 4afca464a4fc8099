"""Why a verdict is as it is: the trace, the nearest misses, advice and fixes. Pure."""
