"""Bounces, log lines and dialogues: who refused, at what stage, in which words."""
