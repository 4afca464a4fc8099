"""The engine that runs cases: plans, verbs, certificates, messages, MTAs."""
