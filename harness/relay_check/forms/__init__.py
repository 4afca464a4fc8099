"""The forms of a check: how a relay is set up, given mail, and watched. One module each."""
