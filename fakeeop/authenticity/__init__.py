"""SPF, DKIM and DMARC of a message, by the lab's names alone: an adapter around pyspf and dkimpy. Nobody is asked.

Loading ``spf`` or ``dkim`` takes a while, so their users are imported by who judges a message, and nobody else.
"""
