"""The 91 operations: how each is called, on which resource it is authorised, and by which condition keys.

The rules are AWS's (lambda.md 1.4 to 1.8); the tables say them once more in their own words, so that a rule that
changes in the server does not change here with it.
"""

from matrix.around import CAPACITY, LAYERS, MAPPINGS, POLICIES, SIGNING, TAGGING
from matrix.functions import CONCURRENCY, DURABLE, FUNCTIONS, INVOCATION, SETTINGS, URLS

ROWS = [
    *FUNCTIONS,
    *LAYERS,
    *POLICIES,
    *INVOCATION,
    *URLS,
    *MAPPINGS,
    *TAGGING,
    *CONCURRENCY,
    *SETTINGS,
    *SIGNING,
    *CAPACITY,
    *DURABLE,
]
